"""Damaged input of a command is refused in one line of words."""

import json

import ijson
import pytest

from mapper.errors import BadInput
from mapper.input_files import opened


@pytest.mark.parametrize("content", [b"\xf6\xbf\x91\x1b8,\x0e\xd6F", b"", b"hello", b'{"a": [1'])
def test_what_is_no_json_is_refused_in_one_plain_line(tmp_path, content):
    path = tmp_path / "junk.json"
    path.write_bytes(content)
    with pytest.raises(BadInput) as refused, opened(path, title="junk") as file:
        list(ijson.items(file, "features.item"))
    message = str(refused.value)
    assert message.startswith(f"{path} is damaged or of another format: ")
    assert "b'" not in message
    assert message.isprintable()


def test_what_is_sound_is_read(tmp_path):
    path = tmp_path / "sound.json"
    path.write_text(json.dumps({"features": [1, 2]}))
    with opened(path, title="sound") as file:
        assert list(ijson.items(file, "features.item")) == [1, 2]
