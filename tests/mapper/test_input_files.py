"""Damaged input of a command is refused in one line of words."""

import json
import os

import ijson
import pytest

from mapper.errors import BadInput, run_command_line
from mapper.input_files import given_folder, opened, readable_file
from mapper.output_files import whole_file


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


@pytest.mark.parametrize("make", [lambda path: None, os.mkfifo, lambda path: path.symlink_to(path)])
def test_what_is_no_file_is_refused_and_never_waited_for(tmp_path, make):
    make(tmp_path / "odd")
    with pytest.raises(BadInput, match="odd"):
        readable_file(tmp_path / "odd")


def test_a_name_beyond_what_a_disk_takes_is_refused(tmp_path):
    path = tmp_path / ("n" * 300)
    with pytest.raises(BadInput, match="can't be opened"):
        readable_file(path)
    with pytest.raises(BadInput, match="can't be opened"):
        given_folder(str(path))
    with pytest.raises(BadInput, match="can't be written"), whole_file(path):
        pass


def test_a_closed_folder_is_refused(tmp_path, monkeypatch):
    """As root, who runs some of these tests, no folder is closed."""

    def closed(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("pathlib.Path.iterdir", closed)
    with pytest.raises(BadInput, match="can't be opened: Permission denied"):
        given_folder(str(tmp_path))


@pytest.mark.parametrize(
    ("word", "fault"),
    [
        ("\udcff\udcfe", UnicodeEncodeError("utf-8", "\udcff\udcfe", 0, 2, "surrogates")),
        ("closed/x", PermissionError(13, "Permission denied", "/here/closed/x")),
    ],
)
def test_a_fault_of_an_argument_is_one_line_and_one_of_ours_a_traceback(capsys, word, fault):
    def execute(argv):
        raise fault

    with pytest.raises(SystemExit) as ended:
        run_command_line(execute, ["manage.py", "export", word])
    assert ended.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1
    with pytest.raises(type(fault)):
        run_command_line(execute, ["manage.py", "export", "other"])
