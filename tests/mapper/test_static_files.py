"""Built files whose names hold their content's hash are kept for ever, all others for a minute."""

import pytest

pytestmark = pytest.mark.django_db
FOR_EVER = "max-age=31536000, public, immutable"


@pytest.fixture
def static(settings):
    """Return a function that puts a file among the static ones and returns its address."""

    def put(name):
        path = settings.STATIC_ROOT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
        return f"/static/{name}"

    return put


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("assets/main.3d7c8aebef74.js", FOR_EVER),
        ("assets/main.9ec2affddbb0.css", FOR_EVER),
        ("assets/bricolage-grotesque.374fd58b86e9.woff2", FOR_EVER),
        ("assets/main.js", "max-age=60, public"),
        ("assets/main.min.js", "max-age=60, public"),
        ("vendor/leaflet.js", "max-age=60, public"),
        ("admin/js/jquery.3d7c8aebef74.js", "max-age=60, public"),
        ("favicon.svg", "max-age=60, public"),
    ],
)
def test_only_a_name_with_a_hash_is_kept_for_ever(client, static, name, kept):
    answer = client.get(static(name))
    assert answer.status_code == 200
    assert answer["Cache-Control"] == kept
