"""A store that speaks S3: a real server on this machine, with the settings of production."""

import threading

import pytest

from kla_tracker import environment

BUCKET = "kla-uji"
KEYS = {"region": "us-east-1", "access_key": "uji", "secret_key": "uji"}
PATIENCE = 60  # seconds for the server to come up; then the tests say so instead of waiting
NOBODY = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def s3_server():
    from moto.server import ThreadedMotoServer  # noqa: PLC0415  (a second, for few tests)

    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    starting = threading.Thread(target=running.start, daemon=True)  # waits for ever if it fails
    starting.start()
    starting.join(PATIENCE)
    assert not starting.is_alive(), "the S3 server of the tests did not start"
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture
def bucket(s3_server, settings, tmp_path):
    import boto3  # noqa: PLC0415  (as above)
    from botocore.config import Config  # noqa: PLC0415

    settings.MEDIA_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "default": environment.s3(BUCKET, endpoint=s3_server, **KEYS)
    }
    store = boto3.resource(
        "s3", endpoint_url=s3_server, region_name="us-east-1",
        aws_access_key_id="uji", aws_secret_access_key="uji",
        config=Config(connect_timeout=5, read_timeout=30, retries={"max_attempts": 2}),
    ).Bucket(BUCKET)  # fmt: skip
    store.create()
    yield store
    store.objects.all().delete()
    store.delete()
    assert list(tmp_path.iterdir()) == []  # nothing on the disk


@pytest.fixture
def away(bucket, settings):
    """From when it is called nobody answers at the store's address."""

    def leave():
        settings.STORAGES = settings.STORAGES | {
            "default": environment.s3(BUCKET, endpoint=NOBODY, **KEYS)
        }

    return leave
