"""The room as Django sees it; at start it tells the process which nine rooms there are."""

from django.apps import AppConfig


class WorkspaceConfig(AppConfig):
    """Pages and jobs over all nine."""

    name = "nonagon.workspace"
    label = "workspace"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Registers the rooms and the kinds of job."""
        from nonagon.pipeline.folder import CycleFile, faults_of  # noqa: PLC0415
        from nonagon.pipeline.rooms import ROOMS  # noqa: PLC0415
        from nonagon.process import registry  # noqa: PLC0415
        from nonagon.workspace import jobs  # noqa: F401, PLC0415

        registry.register(
            rooms=tuple(
                registry.Room(
                    number=room.number,
                    word=room.word,
                    title=room.title,
                    decisions=room.decisions(),
                    confidential=room.number == CONFIDENTIAL,
                )
                for room in ROOMS
            ),
            head=CycleFile,
            faults=faults_of,
        )


CONFIDENTIAL = 6
"""The plan is in-house and confidential: on need to know."""
