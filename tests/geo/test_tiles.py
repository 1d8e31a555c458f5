import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.bbox import BBox
from geo.errors import TileError
from geo.position import LonLat
from geo.tiles import Tile, tile_at, tile_bbox, tile_envelope_3857

positions = st.builds(LonLat, st.floats(-180, 180), st.floats(-90, 90))
zooms = st.integers(0, 22)


@st.composite
def tiles(draw):
    z = draw(zooms)
    numbers = st.integers(0, 2**z - 1)
    return Tile(z, draw(numbers), draw(numbers))


def test_the_tile_of_zoom_0_is_the_world():
    assert tile_bbox(Tile(0, 0, 0)) == BBox(-180, -85.0511287798066, 180, 85.0511287798066)
    half_m = 20_037_508.342789244
    assert tile_envelope_3857(Tile(0, 0, 0)) == pytest.approx((-half_m, -half_m, half_m, half_m))


@given(tiles())
def test_the_middle_of_a_tile_lies_in_it(tile):
    box = tile_bbox(tile)
    middle = LonLat((box.west + box.east) / 2, (box.south + box.north) / 2)
    assert tile_at(middle, tile.z) == tile


@given(positions, zooms)
def test_every_position_has_a_tile(position, z):
    tile = tile_at(position, z)
    box = tile_bbox(tile)
    assert box.west - 1e-9 <= position.lon <= box.east + 1e-9
    if abs(position.lat) < 85.05:
        assert box.south - 1e-9 <= position.lat <= box.north + 1e-9


@given(tiles())
def test_tiles_share_their_edges(tile):
    if tile.x + 1 < 2**tile.z:
        neighbour = tile_envelope_3857(Tile(tile.z, tile.x + 1, tile.y))
        assert neighbour[0] == pytest.approx(tile_envelope_3857(tile)[2], abs=1e-6)


def test_the_poles_and_the_antimeridian_have_tiles():
    assert tile_at(LonLat(180, 90), 3) == Tile(3, 7, 0)
    assert tile_at(LonLat(-180, -90), 3) == Tile(3, 0, 7)


@pytest.mark.parametrize(
    "numbers",
    [
        (-1, 0, 0),
        (23, 0, 0),
        (0, 1, 0),
        (0, 0, -1),
        (3, 8, 0),
        (10**9, 0, 0),
        (True, 0, 0),
        (1.0, 0, 0),
        (0, 0, 10**5000),
    ],
    ids=range(9),
)
def test_a_tile_outside_the_pyramid_is_refused(numbers):
    with pytest.raises(TileError):
        Tile(*numbers)


@pytest.mark.parametrize(
    "texts",
    [("", "0", "0"), ("1", "-1", "0"), ("1", "٠", "0"), ("1", "0", "0.mvt"), ("9" * 99, "0", "0")],
)
def test_an_address_that_is_no_tile_is_refused(texts):
    with pytest.raises(TileError):
        Tile.parse(*texts)


def test_an_address_is_read():
    assert Tile.parse("12", "2074", "1409") == Tile(12, 2074, 1409)


@pytest.mark.parametrize("z", [-1, 23])
def test_a_zoom_out_of_range_is_refused(z):
    with pytest.raises(TileError):
        tile_at(LonLat(0, 0), z)
