# SPDX-License-Identifier: MIT OR Apache-2.0
"""Arrays of any Arrow type with values by chance, the same ones for the same seed."""

import pyarrow as pa


def bits(flags):
    data = bytearray((len(flags) + 7) // 8)
    for i, flag in enumerate(flags):
        data[i // 8] |= flag << (i % 8)
    return pa.py_buffer(bytes(data))


def numbers(values, size):
    return pa.py_buffer(b"".join(value.to_bytes(size, "little", signed=True) for value in values))


class Maker:
    """Makes arrays; `chance` is a random.Random."""

    def __init__(self, chance):
        self.chance = chance

    def array(self, arrow_type, n, nullable=True):
        """n values; where they may be null some are."""
        kind = type(arrow_type).__name__
        if pa.types.is_null(arrow_type):
            return pa.nulls(n)
        if pa.types.is_union(arrow_type):
            return self.union(arrow_type, n)
        validity = [not nullable or self.chance.random() > 0.2 for _ in range(n)]
        if pa.types.is_struct(arrow_type):
            return self.struct(arrow_type, n, validity)
        if pa.types.is_fixed_size_list(arrow_type):
            values = self.field(arrow_type.value_field, n * arrow_type.list_size)
            return pa.Array.from_buffers(arrow_type, n, [bits(validity)], children=[values])
        if kind in ("ListViewType", "LargeListViewType"):
            return self.list_view(arrow_type, n, validity)
        if pa.types.is_nested(arrow_type):
            return self.list(arrow_type, n, validity)
        if pa.types.is_dictionary(arrow_type):
            return self.dictionary(arrow_type, n, validity)
        if pa.types.is_boolean(arrow_type):
            flags = [self.chance.random() < 0.5 for _ in range(n)]
            return pa.Array.from_buffers(arrow_type, n, [bits(validity), bits(flags)])
        if arrow_type.num_buffers == 2 and "view" not in str(arrow_type):
            return self.fixed_width(arrow_type, n, validity)
        return pa.array([self.text(arrow_type) if valid else None for valid in validity], arrow_type)

    def field(self, field, n):
        return self.array(field.type, n, field.nullable)

    def text(self, arrow_type):
        text = "".join(self.chance.choice("abcdefgh-äöü€") for _ in range(self.chance.randrange(20)))
        return text if "string" in str(arrow_type) else text.encode()

    def fixed_width(self, arrow_type, n, validity):
        size = arrow_type.bit_width // 8
        if pa.types.is_floating(arrow_type):
            return pa.array([self.chance.randrange(-99, 99) / 4 if valid else None for valid in validity]).cast(
                arrow_type
            ) if n else pa.array([], arrow_type)
        # Within what every type takes: a day has 86400 seconds.
        values = [self.chance.randrange(0, min(2 ** (8 * size - 1), 86400)) for _ in range(n)]
        if pa.types.is_date64(arrow_type):
            values = [value * 86400000 for value in values]
        return pa.Array.from_buffers(arrow_type, n, [bits(validity), numbers(values, size)])

    def struct(self, arrow_type, n, validity):
        children = [self.field(arrow_type.field(i), n) for i in range(arrow_type.num_fields)]
        return pa.Array.from_buffers(arrow_type, n, [bits(validity)], children=children)

    def ends(self, n):
        ends = [0]
        for _ in range(n):
            ends.append(ends[-1] + self.chance.randrange(4))
        return ends

    def list(self, arrow_type, n, validity):
        ends = self.ends(n)
        size = 8 if pa.types.is_large_list(arrow_type) else 4
        values = self.field(arrow_type.field(0), ends[-1])
        return pa.Array.from_buffers(arrow_type, n, [bits(validity), numbers(ends, size)], children=[values])

    def list_view(self, arrow_type, n, validity):
        ends = self.ends(n)
        sizes = [after - before if valid else 0 for before, after, valid in zip(ends, ends[1:], validity)]
        ends = [sum(sizes[:i]) for i in range(n + 1)]
        size = 8 if type(arrow_type) is pa.LargeListViewType else 4
        buffers = [bits(validity), numbers(ends[:-1], size), numbers(sizes, size)]
        return pa.Array.from_buffers(arrow_type, n, buffers, children=[self.field(arrow_type.field(0), ends[-1])])

    def union(self, arrow_type, n):
        fields = [arrow_type.field(i) for i in range(arrow_type.num_fields)]
        chosen = [self.chance.randrange(len(fields)) for _ in range(n)]
        codes = numbers([arrow_type.type_codes[i] for i in chosen], 1)
        if arrow_type.mode == "sparse":
            children = [self.field(field, n) for field in fields]
            return pa.Array.from_buffers(arrow_type, n, [None, codes], children=children)
        counts = [0] * len(fields)
        offsets = []
        for i in chosen:
            offsets.append(counts[i])
            counts[i] += 1
        children = [self.field(field, count) for field, count in zip(fields, counts)]
        return pa.Array.from_buffers(arrow_type, n, [None, codes, numbers(offsets, 4)], children=children)

    def dictionary(self, arrow_type, n, validity):
        values = self.array(arrow_type.value_type, 5, nullable=False)
        indices = [self.chance.randrange(5) if valid else None for valid in validity]
        return pa.DictionaryArray.from_arrays(
            pa.array(indices, arrow_type.index_type), values, ordered=arrow_type.ordered
        )
