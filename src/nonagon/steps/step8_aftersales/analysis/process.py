"""From process to perception: does a characteristic's series lead the customers' series, and by how long?"""

from nonagon.deliverables.earlier import Earlier
from nonagon.deliverables.record import Record
from nonagon.deliverables.step8 import ProcessLink


def process_links(record: Record, earlier: Earlier) -> tuple[ProcessLink, ...]:
    del record, earlier
    return ()
