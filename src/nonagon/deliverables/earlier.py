"""The chain: what the steps before have handed on."""

from dataclasses import dataclass

from nonagon.deliverables.step1 import CustomersDeliverable
from nonagon.deliverables.step2 import MarketDeliverable
from nonagon.deliverables.step3 import NeedsDeliverable
from nonagon.deliverables.step4 import CharacteristicsDeliverable
from nonagon.deliverables.step5 import OpportunitiesDeliverable
from nonagon.deliverables.step6 import ImprovementsDeliverable
from nonagon.deliverables.step7 import ControlDeliverable
from nonagon.deliverables.step8 import AftersalesDeliverable


@dataclass(frozen=True, slots=True)
class Earlier:
    """Deliverables of the steps before; None where a step has not run (`nonagon run --steps`)."""

    step1: CustomersDeliverable | None = None
    step2: MarketDeliverable | None = None
    step3: NeedsDeliverable | None = None
    step4: CharacteristicsDeliverable | None = None
    step5: OpportunitiesDeliverable | None = None
    step6: ImprovementsDeliverable | None = None
    step7: ControlDeliverable | None = None
    step8: AftersalesDeliverable | None = None
