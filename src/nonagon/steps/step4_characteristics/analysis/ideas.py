"""Ideas compared with what is there today: Pugh's matrix."""

from nonagon.deliverables.step4 import IdeaComparison, IdeaResult
from nonagon.steps.step4_characteristics.decisions import Concepts, Idea


def compared(one: Concepts) -> IdeaComparison:
    """The ideas by weighted sum of their marks, the best first; marks left out are open."""
    results = [_result(one, idea) for idea in one.ideas]
    ranked = [
        result.model_copy(update={"rank": 1 + sum(other.score > result.score for other in results)})
        for result in results
    ]
    return IdeaComparison(
        id=one.id,
        question=one.question,
        needs=one.needs,
        datum=one.datum,
        criteria=tuple(criterion.name for criterion in one.criteria),
        weights=tuple(criterion.weight for criterion in one.criteria),
        ideas=tuple(sorted(ranked, key=lambda result: result.rank)),
        reason=one.reason,
    )


def _result(one: Concepts, idea: Idea) -> IdeaResult:
    marks = tuple(idea.scores.get(criterion.name) for criterion in one.criteria)
    given = [mark for mark in marks if mark is not None]
    return IdeaResult(
        id=idea.id,
        name=idea.name,
        marks=marks,
        better=sum(mark > 0 for mark in given),
        same=sum(mark == 0 for mark in given),
        worse=sum(mark < 0 for mark in given),
        score=sum(
            criterion.weight * mark
            for criterion, mark in zip(one.criteria, marks, strict=True)
            if mark is not None
        ),
        chosen=idea.id in one.chosen,
    )
