"""Frees the shapes that an ONNX file fixes for its inputs and outputs, on its bytes alone.

CenterFace was exported for ten pictures of 32 by 32; its layers take any size. ONNX is protobuf:
a dimension with neither a number nor a name is free. Only that much of the format is read here
(github.com/onnx/onnx, onnx.proto), which spares the library that would be needed for nothing else.
"""

from collections.abc import Collection, Iterator

# ModelProto.graph; GraphProto.input and .output; ValueInfoProto.name, and .type; .tensor_type of
# TypeProto; .shape of its Tensor; .dim of TensorShapeProto: the numbers of the fields.
_GRAPH, _INPUT, _OUTPUT, _NAME = 7, 11, 12, 1
_TO_DIMENSION = (2, 1, 2, 1)
_VARINT, _EIGHT_BYTES, _BYTES, _FOUR_BYTES = 0, 1, 2, 5
# In a dimension "dim_value: n" takes two bytes for n below 128; so does an empty "dim_param".
_NO_NAME = b"\x12\x00"


class ModelError(ValueError):
    """The bytes are not a model whose shapes can be freed."""


def with_free_shapes(model: bytes, *, names: Collection[str]) -> bytes:
    """Return the model with every size of the inputs and outputs of these names left open.

    Its weights stand among the inputs too and keep their sizes.

    Raises
    ------
    ModelError
        Where the bytes are no ONNX model, or say a size in another way than small numbers.
    """
    freed = bytearray(model)
    found = 0
    try:
        for graph in _within(model, (_GRAPH,), 0, len(model)):
            for side in (_INPUT, _OUTPUT):
                for start, end in _sizes(model, side, names, *graph):
                    if end - start != len(_NO_NAME):
                        raise ModelError("A size of the model is not one small number.")
                    freed[start:end] = _NO_NAME
                    found += 1
    except IndexError:
        raise ModelError("The model ends in the middle of a field.") from None
    if not found:
        raise ModelError("These bytes are no ONNX model with inputs of these names.")
    return bytes(freed)


def _sizes(
    data: bytes, side: int, names: Collection[str], start: int, end: int
) -> Iterator[tuple[int, int]]:
    """Yield where the sizes of the named values of one side of a graph lie."""
    for value in _within(data, (side,), start, end):
        name = next(_within(data, (_NAME,), *value), (0, 0))
        if data[slice(*name)].decode(errors="replace") in names:
            yield from _within(data, _TO_DIMENSION, *value)


def _within(data: bytes, path: tuple[int, ...], start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield where the messages lie that a path of field numbers leads to."""
    if not path:
        yield start, end
        return
    for number, kind, first, last in _fields(data, start, end):
        if number == path[0] and kind == _BYTES:
            yield from _within(data, path[1:], first, last)


def _fields(data: bytes, start: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield number, kind, start and end of each field of a message."""
    at = start
    while at < end:
        key, at = _varint(data, at)
        kind = key & 7
        if kind == _VARINT:
            last = _varint(data, at)[1]
        elif kind == _BYTES:
            size, at = _varint(data, at)
            last = at + size
        elif kind in (_FOUR_BYTES, _EIGHT_BYTES):
            last = at + (4 if kind == _FOUR_BYTES else 8)
        else:
            raise ModelError("These bytes are no protobuf.")
        if last > end:
            raise IndexError(last)
        yield key >> 3, kind, at, last
        at = last


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Return a number of seven bits a byte, and where it ends."""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
