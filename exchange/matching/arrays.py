"""The arrays of the matcher, and the small work on them that rules and prices share."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


def integers(values: Iterable[int]) -> IntArray:
    return np.array(list(values), dtype=np.int64)


def intersects(left: Sequence[frozenset[object]], right: Sequence[frozenset[object]]) -> BoolArray:
    """left × right: true where the two sets share an element, so an empty set meets nothing."""
    columns: dict[object, int] = {}
    incidence = []
    for sets in (left, right):
        cells = [(row, columns.setdefault(item, len(columns))) for row, items in enumerate(sets) for item in items]
        incidence.append((len(sets), np.array(cells, dtype=np.int64).reshape(-1, 2)))
    matrices = []
    for rows, cells_of in incidence:
        matrix = np.zeros((rows, len(columns)), dtype=np.float32)
        matrix[cells_of[:, 0], cells_of[:, 1]] = 1
        matrices.append(matrix)
    return matrices[0] @ matrices[1].T > 0.5


def same(left: Sequence[str] | Sequence[int], right: Sequence[str] | Sequence[int]) -> BoolArray:
    """left × right: true where the two values are equal."""
    rank = {value: index for index, value in enumerate(dict.fromkeys([*left, *right]))}
    return np.equal(integers(rank[value] for value in left)[:, None], integers(rank[value] for value in right))
