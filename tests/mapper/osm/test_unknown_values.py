"""osm_unknown_values: what the table does not know, counted; and how a page says it."""

import csv
import io

import pytest
from django.core.management import call_command

from tests.factories import make_osm_device

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(capsys):
    def run(**options):
        call_command("osm_unknown_values", **options)
        return list(csv.reader(io.StringIO(capsys.readouterr().out)))

    return run


def camera(lon, **tags):
    return make_osm_device(lon=lon, **{key.replace("_", ":"): value for key, value in tags.items()})


def test_what_is_unknown_is_counted_item_by_item(told):
    camera(1, camera_mount="hedge", camera_type="dome")
    camera(2, camera_mount="wall;hedge")
    camera(3, camera_mount="Traffic_signal", surveillance="priv\x1b[2Jat")
    head, hedge, private = told()
    assert head == ["count", "key", "value", "example"]
    assert hedge[:3] == ["2", "camera:mount", "hedge"]
    assert private[:3] == ["1", "surveillance", "priv\ufffd[2Jat"]
    assert told(least=2) == [head, hedge]


def test_a_value_is_no_formula_of_a_spreadsheet(told):
    camera(1, camera_mount="=HYPERLINK(1)")
    assert told()[1][2] == "'=HYPERLINK(1)"


def test_nothing_unknown_is_a_head_alone(told):
    camera(1, camera_mount="wall")
    assert len(told()) == 1


def test_a_page_says_other_and_the_value(client, load, tmp_path):
    nodes = tmp_path / "some.geojson"
    nodes.write_text(
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "id": "node/1", '
        '"geometry": {"type": "Point", "coordinates": [2, 48]}, "properties": {'
        '"man_made": "surveillance", "surveillance:type": "camera", '
        '"camera:type": "static", "camera:mount": "wall;hedge"}}]}'
    )
    load(nodes)
    from mapper.osm.models import Element

    element = Element.objects.get()
    assert element.tags["camera:type"] == "static"
    page = client.get(f"/en/devices/{element.claim.device_id}/").text
    assert "wall, other: hedge" in page
    assert "<dd>fixed</dd>" in page
