"""Measurements that people type in: rows of this room's own, kept before they are facts."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from nonagon.process.models import Cycle

PERSON = settings.AUTH_USER_MODEL


class TypedMeasurement(models.Model):
    """One value that somebody typed in. Never deleted: it is withdrawn, or another one takes its place.

    key: made by the page that sent it, so that sending it twice keeps it once; item: id of the control item;
    name: what it is called among the measurements; at: when it was measured; size: units inspected, for counts;
    withdrawn_at: from then on it counts no more; replaced_by: the row that corrects it.
    """

    cycle = models.ForeignKey(Cycle, on_delete=models.CASCADE, related_name="typed_measurements")
    key = models.UUIDField()
    item = models.CharField(max_length=200)
    name = models.CharField(max_length=200)
    at = models.DateTimeField()
    subgroup = models.CharField(max_length=100, blank=True)
    value = models.FloatField()
    size = models.FloatField(null=True)
    note = models.CharField(max_length=300, blank=True)
    person = models.ForeignKey(PERSON, on_delete=models.SET_NULL, null=True, related_name="+")
    typed_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(PERSON, on_delete=models.SET_NULL, null=True, related_name="+")
    withdrawn_why = models.CharField(max_length=300, blank=True)
    replaced_by = models.OneToOneField("self", on_delete=models.SET_NULL, null=True, related_name="replaces")

    organization_path = "cycle__organization"

    class Meta:
        ordering: ClassVar = ["-at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["cycle", "key"], name="typed_measurement_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["cycle", "item", "-at"], name="typed_by_item")]

    def __str__(self) -> str:
        return f"{self.item} {self.at:%Y-%m-%d %H:%M}: {self.value:g}"
