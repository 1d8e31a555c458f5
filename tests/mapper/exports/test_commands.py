"""`export` and `describe_data`: the same bytes as the download, or one line and exit code 2."""

import io
import os
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

from mapper.errors import CommandFailure
from mapper.exports.dictionary import as_markdown
from tests.factories import CityFactory, EventFactory, make_osm_device
from tests.published import make_rich_device

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("format_", ["geojson", "csv"])
@pytest.mark.parametrize("subject", ["devices", "events"])
def test_the_command_writes_the_bytes_of_the_download(client, tmp_path, subject, format_):
    make_rich_device()
    EventFactory()
    path = tmp_path / "out"
    call_command("export", "--format", format_, "--subject", subject, "-o", str(path))
    assert path.read_bytes() == client.get(f"/data/{subject}.{format_}").getvalue()


def test_the_command_writes_one_city_by_slug_or_code(client, tmp_path):
    city = CityFactory()
    make_osm_device()
    make_osm_device(5.0, 45.0)
    for name in (city.slug, city.code):
        call_command("export", "--format", "csv", "--city", name, "-o", str(tmp_path / "x.csv"))
        wanted = client.get(f"/data/cities/{city.slug}/devices.csv").getvalue()
        assert (tmp_path / "x.csv").read_bytes() == wanted


def test_without_a_file_the_command_writes_to_standard_output(client, monkeypatch):
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written))
    call_command("export", "--format", "geojson")
    assert written.getvalue() == client.get("/data/devices.geojson").getvalue()


@pytest.mark.parametrize(
    "words",
    [
        ["--format", "xlsx"],
        ["--format", "csv", "--city", "atlantis"],
        ["--format", "csv", "-o", "/"],
    ],
)
def test_the_command_refuses_in_one_line_with_exit_code_2(words):
    with pytest.raises(CommandFailure) as failure:
        call_command("export", *words)
    assert failure.value.returncode == 2
    assert "\n" not in str(failure.value)


def test_a_failed_export_keeps_the_file_that_was_there(tmp_path):
    path = tmp_path / "kept.csv"
    path.write_text("old")
    with pytest.raises(CommandFailure):
        call_command("export", "--format", "csv", "--city", "atlantis", "-o", str(path))
    assert path.read_text() == "old"


def test_no_file_takes_the_place_of_a_pipe(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(CommandFailure, match="a device or a pipe"):
        call_command("describe_data", "-o", str(path))
    assert path.is_fifo()


def test_the_data_dictionary_in_the_docs_is_the_one_of_the_code(tmp_path):
    call_command("describe_data", "-o", str(tmp_path / "data.md"))
    assert (tmp_path / "data.md").read_text() == (ROOT / "docs" / "data.md").read_text()
    assert "| `osm_tags` | object |" in as_markdown()
