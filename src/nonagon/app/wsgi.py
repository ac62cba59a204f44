"""The application for a WSGI server: `granian --interface wsgi nonagon.app.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

from nonagon.app.server import end_with_server

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nonagon.app.settings")
end_with_server()
application = get_wsgi_application()
