"""The database that migrations make is the one that the models describe."""

import pytest
from django.core.management import call_command


@pytest.mark.django_db
def test_no_model_changed_without_a_migration() -> None:
    # exits with an error where one is missing
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
