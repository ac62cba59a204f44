"""Steps until a chain is absorbed: the solver under average run lengths.

Question: from each state, how many steps pass on average until absorption?
Used by: arl_cusum, arl_ewma.
Source: W. K. Grassmann, M. I. Taksar, D. P. Heyman, Operations Research 33 (1985), 1107-1116: elimination
without subtraction keeps every digit, also where run lengths are astronomically long.
Checked against: the linear system where it is well conditioned (tests/methods/spc/test_arl.py).
"""

import numpy as np

from nonagon.methods.checks import Floats

WELL_CONDITIONED = 1e6
"""Up to this many steps the plain solution keeps at least nine digits."""


def steps_to_absorption(moves: Floats, absorbed: Floats) -> Floats:
    """Mean number of steps from each state, the absorbing step included.

    moves: (states, states), chance of moving from row to column; absorbed: (states,), chance of being absorbed
    in the next step; together each row sums to 1.

    >>> steps_to_absorption(np.array([[0.5]]), np.array([0.5])).tolist()
    [2.0]
    """
    states = absorbed.size
    if absorbed.max() > 1 / WELL_CONDITIONED:
        plain = np.linalg.solve(np.eye(states) - moves, np.ones(states))
        if np.all((plain > 0) & (plain < WELL_CONDITIONED)):
            return np.asarray(plain)
    return _without_subtraction(moves.copy(), np.maximum(absorbed, np.finfo(float).tiny), np.ones(states))


def _without_subtraction(moves: Floats, absorbed: Floats, steps: Floats) -> Floats:
    states = absorbed.size
    leaves = np.empty(states)
    for state in range(states - 1, 0, -1):
        # The chance of leaving a state is summed up, never taken as 1 minus the chance of staying.
        leaves[state] = absorbed[state] + moves[state, :state].sum()
        share = moves[:state, state] / leaves[state]
        moves[:state, :state] += np.outer(share, moves[state, :state])
        absorbed[:state] += share * absorbed[state]
        steps[:state] += share * steps[state]
    result = np.empty(states)
    result[0] = steps[0] / absorbed[0]
    for state in range(1, states):
        result[state] = (steps[state] + moves[state, :state] @ result[:state]) / leaves[state]
    return result
