"""The nginx files that we ship, run for real on other ports before a small server."""

import email
import http.client
import os
import re
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from django.test import RequestFactory

from mapper.intake import buckets
from mapper.operations.doctor_machine import nginx_faults

DEPLOY = Path(__file__).resolve().parents[3] / "deploy" / "nginx"
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin")
pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not on this machine")
# Addresses that nothing else here uses: what a log would betray.
VISITOR = "127.0.0.86"
FORGED = "203.0.113.77"


class Echo(BaseHTTPRequestHandler):
    """Answers with the headers it got."""

    def do_GET(self):
        body = str(self.headers).encode()
        self.send_response(500 if "fail" in self.path else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, format, *args):
        pass


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def shipped(folder: Path, ports: dict[str, int]) -> Path:
    """Write our two files with this test's ports and places; everything else is as shipped."""
    certificate, key = folder / "cert.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=map.example.org", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    main = (DEPLOY / "nginx.conf").read_text()
    main = main.replace("/run/nginx.pid", f"{folder}/nginx.pid")
    main = main.replace("/run/contrechamp-nginx", f"{folder}/memory")
    main = main.replace("/etc/nginx/contrechamp.d/*.conf", f"{folder}/site.conf")
    if os.geteuid() != 0:
        main = main.replace("user www-data;", "")
        # Spools of what we don't use, where Debian's nginx would make folders of root's.
        unused = (f"{name}_temp_path {folder}/{name};" for name in ("fastcgi", "uwsgi", "scgi"))
        main = main.replace("http {", "http { " + " ".join(unused))
    site = (DEPLOY / "contrechamp.conf").read_text()
    site = site.replace("server 127.0.0.1:8000;", f"server 127.0.0.1:{ports['up']};")
    site = re.sub(r"listen 80\b", f"listen {ports['clear']}", site)
    site = re.sub(r"listen 443\b", f"listen {ports['tls']}", site)
    site = site.replace("127.0.0.1:8081", f"127.0.0.1:{ports['onion']}")
    site = re.sub(r"/etc/letsencrypt/\S+/fullchain.pem", str(certificate), site)
    site = re.sub(r"/etc/letsencrypt/\S+/privkey.pem", str(key), site)
    (folder / "site.conf").write_text(site)
    (folder / "memory").mkdir(mode=0o777)
    (folder / "memory").chmod(0o777)
    (folder / "nginx.conf").write_text(main)
    return folder / "nginx.conf"


@pytest.fixture(scope="module")
def front(tmp_path_factory):
    """Run nginx with what we ship; yield its ports and folder."""
    folder = tmp_path_factory.mktemp("nginx")
    # Its workers are another user where the tests run as root: open the way down to the folder.
    for step in (folder, *folder.parents):
        if step == Path(tempfile.gettempdir()):
            break
        step.chmod(0o755)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    ports = {name: free_port() for name in ("clear", "tls", "onion")}
    ports["up"] = server.server_address[1]
    configuration = shipped(folder, ports)
    command = [NGINX, "-p", str(folder), "-e", str(folder / "start.log"), "-c", str(configuration)]
    subprocess.run([*command, "-t"], check=True, capture_output=True)
    process = subprocess.Popen([*command, "-g", "daemon off;"])
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", ports["tls"]), timeout=1).close()
            break
        except OSError:
            time.sleep(0.05)
    yield ports, folder
    process.terminate()
    process.wait(10)
    server.shutdown()
    server.server_close()


def ask(
    port,
    path="/",
    *,
    tls=False,
    method="GET",
    body=None,
    host="map.example.org",
    server="",
    headers=(),
):
    """Send one request from the visitor's address; `server` is the name that TLS asks for."""
    if tls:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        raw = socket.create_connection(("127.0.0.1", port), 10, source_address=(VISITOR, 0))
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.sock = context.wrap_socket(raw, server_hostname=server or host)
    else:
        connection = http.client.HTTPConnection(
            "127.0.0.1", port, timeout=10, source_address=(VISITOR, 0)
        )
    try:
        connection.request(
            method,
            path,
            body=body,
            headers={"Host": host, "X-Forwarded-For": FORGED, **dict(headers)},
        )
        response = connection.getresponse()
        return response.status, dict(response.headers), response.read().decode()
    finally:
        connection.close()


def test_a_visitor_can_not_choose_the_address_that_quotas_see(front):
    ports, _ = front
    status, headers, echoed = ask(ports["tls"], tls=True)
    assert status == 200
    assert f"X-Forwarded-For: {VISITOR}" in echoed
    assert FORGED not in echoed
    assert "X-Forwarded-Proto: https" in echoed
    assert "Strict-Transport-Security" in headers


def place_of_what_arrived(echoed):
    """Return where the site would count a request that reached it with these headers."""
    arrived = email.message_from_string(echoed)
    return buckets.place_of(RequestFactory().get("/", REMOTE_ADDR="127.0.0.1", headers=arrived))


@pytest.mark.parametrize("host", ["abcdef.onion", "map.example.org"])
def test_the_door_decides_whose_quota_counts_not_the_visitor(front, settings, host):
    ports, _ = front
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    settings.ONION_ADDRESS = "abcdef.onion"
    _, _, echoed = ask(ports["onion"], host=host)
    assert place_of_what_arrived(echoed) == "shared"
    # 127.0.0.86 stands for an address of the world: it is counted as what nginx saw.
    _, _, echoed = ask(ports["tls"], tls=True)
    spoken_to_site = echoed.replace("Host: map.example.org", f"Host: {host}")
    spoken_to_site = spoken_to_site.replace(VISITOR, "203.0.113.86")
    assert place_of_what_arrived(spoken_to_site) == "203.0.113.86"


def test_the_onion_name_is_not_answered_at_the_clear_door(front):
    ports, _ = front
    try:
        status, _, _ = ask(ports["tls"], tls=True, host="abcdef.onion", server="map.example.org")
    except (http.client.RemoteDisconnected, ConnectionResetError):
        return
    assert status == 421


def test_the_clear_address_leads_to_the_safe_one(front):
    ports, _ = front
    status, headers, _ = ask(ports["clear"], "/report/")
    assert (status, headers["Location"]) == (301, "https://map.example.org/report/")


def test_an_onion_visitor_is_neither_redirected_nor_given_an_address(front):
    ports, _ = front
    status, headers, echoed = ask(ports["onion"], host="abcdef.onion")
    assert status == 200
    assert "X-Forwarded-For" not in echoed
    assert "X-Forwarded-Proto: http\n" in echoed.replace("\r", "")
    assert "Strict-Transport-Security" not in headers


def test_a_stranger_to_our_names_gets_no_answer(front):
    ports, _ = front
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        ask(ports["clear"], host="203.0.113.1")
    with pytest.raises(ssl.SSLError):
        ask(ports["tls"], tls=True, host="other.example.org")


def test_nothing_of_a_visitor_is_written_even_when_everything_fails(front):
    ports, folder = front
    assert ask(ports["tls"], "/fail", tls=True)[0] == 500
    assert ask(ports["tls"], "/", tls=True, method="POST", body=b"x" * 600_000)[0] == 200
    too_much = (("Content-Length", "400000000"),)
    assert ask(ports["tls"], "/", tls=True, method="POST", headers=too_much)[0] == 413
    with socket.create_connection(("127.0.0.1", ports["clear"]), 5, (VISITOR, 0)) as raw:
        raw.sendall(b"nonsense\r\n\r\n")
        assert b"400" in raw.recv(100)
    with socket.create_connection(("127.0.0.1", ports["tls"]), 5, (VISITOR, 0)) as raw:
        raw.sendall(b"\x16\x03\x01nonsense")
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    for path in files:
        content = path.read_bytes()
        assert VISITOR.encode() not in content, path
        assert FORGED.encode() not in content, path
    assert not [path for path in (folder / "memory").rglob("*") if path.is_file()]


def test_doctor_accepts_what_we_ship_and_nothing_that_logs():
    ours = {
        Path("/etc/nginx/nginx.conf"): (DEPLOY / "nginx.conf").read_text(),
        Path("/etc/nginx/contrechamp.d/contrechamp.conf"): (
            DEPLOY / "contrechamp.conf"
        ).read_text(),
    }
    assert list(nginx_faults(ours)) == []
    debian = {
        Path("/etc/nginx/nginx.conf"): "http { access_log /var/log/nginx/access.log; }",
        Path("/etc/nginx/sites-enabled/contrechamp"): "server { access_log off; }",
    }
    said = [fault for _, fault in nginx_faults(debian)]
    assert any("access_log /var/log/nginx/access.log" in fault for fault in said)
    assert any("without error_log" in fault for fault in said)


def test_an_nginx_that_serves_others_is_none_of_our_business():
    assert list(nginx_faults({Path("/etc/nginx/nginx.conf"): "access_log /x;"})) == []
