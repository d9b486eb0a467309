"""Every form and every upload, with invented bodies, as everybody: never an error of ours, and
never a write of somebody who may not make it.

FUZZ_ROUNDS says how many bodies each address gets from each viewer (1; `make torture` asks for
more), FUZZ_SEED where chance begins. What failed once fails again with the same two.
"""

import contextlib
import io
import os
import random
import re
import traceback
import zipfile
from html.parser import HTMLParser
from urllib.parse import quote_from_bytes

from django.conf import settings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import Resolver404, resolve

from tests.test_access import PDF, TABLE, VIEWERS, address, body_of, signed_in
from tests.test_access import world as _world
from tests.wrong_files import SAME_EVERYWHERE, content_of

ROUNDS = int(os.environ.get("FUZZ_ROUNDS", "1"))
SEED = os.environ.get("FUZZ_SEED", "kla")
world = _world
POSTS = [name for name, (_get, post) in TABLE.items() if set(post) - set("-m")]
# Written without being asked for by the form: who is signed in, how often somebody tried, that
# somebody took a sheet along or was refused.
BESIDE = ("django_session", "usersessions_usersession", "agencies_attempt", "agencies_throttle")


def chance(part):
    """The same chance each time."""
    return random.Random(f"{SEED}:{part}")  # noqa: S311


# Papers and sheets: no forms in them, and slow to make.
HEAVY = {name for name in TABLE if re.search("pdf|xlsx|csv|paper|sheet|export|pack|json", name)} - {
    "exports",
    "exports_year",
    "task_sheet",
    "meeting_pack",
}
NASTY = [
    b"", b" ", b"0", b"-1", b"1", b"2", b"5", b"999999999999999999999999", b"-99999999999",
    b"1e309", b"NaN", b"Infinity", b"1,5", b"0x10", "\u0661\u0662".encode(), "\u2462".encode(),
    b"true", b"null", b"[]", b"{}", b'{"level": 1}', b"\x00", b"a\x00b", b"\xed\xa0\x80",
    b"\xff\xfe\xfd",
    b"\xc0\xaf", "\u202ebalik".encode(), "\U0001f9d1\u200d\U0001f9b1".encode(), b"A" * 70_000,
    b"<script>alert(1)</script>", b"' OR 1=1 --", b'"; DROP TABLE x; --', b"../../../etc/passwd",
    b"=cmd|' /C calc'!A0", b"{{ settings.SECRET_KEY }}", b"{% debug %}", b"%s%n%x", b"\r\nX-A: 1",
    b"//elsewhere.example/", b"javascript:alert(1)", b"2024-13-45", b"9999-12-31", b"0001-01-01",
    b"2024-02-30", b"2024-11-25T25:61", b"12:00", b"2024-12-01T09:00", b"2024-12-01", b"on",
    b"diterima", b"dikembalikan", b"operator", b"administrator", b"work", b"nobody@contoh.example",
    b"Catatan yang wajar.", b"1" * 400, b"0" * 40, b"\xe2\x80\xa8",
]  # fmt: skip
MORE_NAMES = (
    "id", "pk", "role", "region", "agency", "is_active", "is_superuser", "password", "next",
    "version", "token", "csrfmiddlewaretoken", "__proto__", "note", "reason", "value", "verdict",
    "state",
)  # fmt: skip
TYPES = (
    "application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=utf-16",
    "application/x-www-form-urlencoded; charset=no-such", "application/json", "text/plain", "",
    "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\xff",
)  # fmt: skip


class Names(HTMLParser):
    """What a page's forms send, by the address they go to: names, kinds, what stood there."""

    def __init__(self, here):
        super().__init__()
        self.here, self.action = here, here
        self.found = {}

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "form":
            self.action = (given.get("action") or self.here).split("?")[0]
        elif tag in {"input", "select", "textarea", "button"} and given.get("name"):
            kind = given.get("type") or tag
            form = self.found.setdefault(given.get("formaction") or self.action, {})
            form.setdefault(given["name"], (kind, []))[1].append(given.get("value") or "")
        elif tag == "option" and given.get("value") and self.found.get(self.action):
            last = list(self.found[self.action].values())[-1]
            last[1].append(given["value"])


def taken(response):
    """Read to its end, and closed, without the signal that would close the database."""
    said = body_of(response)
    for close in response._resource_closers:
        close()
    return said


SEEN = {}


def forms(world):
    """Every form of every page by the name of where it goes; looked for once."""
    if SEEN:
        return SEEN
    for viewer in ("own", "verifikator"):
        client, at = signed_in(world, viewer), VIEWERS.index(viewer)
        for name in [each for each in TABLE if TABLE[each][0][at] == "o" and each not in HEAVY]:
            response = client.get(address(world, name))
            if "text/html" in response.get("Content-Type", ""):
                names = Names(address(world, name))
                names.feed(taken(response).decode("utf-8", "replace"))
                for action, form in names.found.items():
                    with contextlib.suppress(Resolver404):
                        SEEN.setdefault(resolve(action).url_name, {}).update(form)
            else:
                taken(response)
    return SEEN


def pairs(rng, form):
    """Names and values of one body: some left out, some twice, some that no form has."""
    chosen = []
    for name, (kind, values) in form.items():
        draw = rng.random()
        if kind == "file" or draw < 0.12:
            continue
        usual = [value.encode() for value in values] or [b"1"]
        for _ in range(2 if draw > 0.92 else 1):
            value = rng.choice(usual) if rng.random() < 0.55 else rng.choice(NASTY)
            chosen.append((name.encode(), value))
    chosen += [
        (rng.choice(MORE_NAMES).encode(), rng.choice(NASTY)) for _ in range(rng.randint(0, 3))
    ]
    if rng.random() < 0.05:
        chosen.append((rng.choice(NASTY), rng.choice(NASTY)))
    rng.shuffle(chosen)
    return chosen


def urlencoded(chosen):
    return b"&".join(
        quote_from_bytes(name).encode() + b"=" + quote_from_bytes(value).encode()
        for name, value in chosen
    )


def multipart(chosen, files=()):
    """A body in parts; files are (field, name, type, content)."""
    out = []
    for name, value in chosen:
        out += [
            b'--uji\r\nContent-Disposition: form-data; name="',
            name.replace(b'"', b""),
            b'"\r\n',
        ]
        out += [b"\r\n", value, b"\r\n"]
    for field, name, kind, content in files:
        out += [b'--uji\r\nContent-Disposition: form-data; name="', field, b'"; filename="']
        out += [name, b'"\r\nContent-Type: ', kind, b"\r\n\r\n", content, b"\r\n"]
    return b"".join(out) + b"--uji--\r\n"


def body(rng, form):
    """One body and what it says it is."""
    chosen = pairs(rng, form)
    draw = rng.random()
    if draw < 0.6:
        return urlencoded(chosen), TYPES[0]
    if draw < 0.85:
        return multipart(chosen), "multipart/form-data; boundary=uji"
    return urlencoded(chosen), rng.choice(TYPES)


def writes(queries):
    """The tables that were written."""
    return sorted(
        {
            query["sql"].split('"')[1]
            for query in queries
            if query["sql"].lstrip().startswith(("INSERT", "UPDATE", "DELETE"))
        }
        - set(BESIDE)
    )


class Tried:
    """What was sent, and what came back that should not have."""

    def __init__(self):
        self.sent, self.faults = 0, []

    def send(self, client, viewer, name, at, *, method="POST", may_write, **request):
        """One request, undone afterwards."""
        self.sent += 1
        told = (name, viewer, method, request.get("content_type"), request["data"][:300])
        with transaction.atomic():
            with CaptureQueriesContext(connection) as queries:
                try:
                    response = client.generic(method, at, **request)
                    taken(response)
                    code = response.status_code
                except Exception:  # noqa: BLE001  (any is a fault of ours)
                    self.faults.append((*told, traceback.format_exc()[-900:]))
                    code = 0
            if code >= 500 and code != 507:
                self.faults.append((*told, code))
            if not may_write and (wrote := writes(queries)):
                self.faults.append((*told, wrote))
            transaction.set_rollback(True)
        return code


def may(name, viewer):
    """Whether the table lets this viewer's POST come to the form at all."""
    return TABLE[name][1][VIEWERS.index(viewer)] in "orv"


def test_no_body_of_a_form_ends_in_an_error_or_writes_what_the_role_may_not(world):
    rng, tried, known = chance("forms"), Tried(), forms(world)
    everything = {name: kind for form in known.values() for name, kind in form.items()}
    clients = {viewer: signed_in(world, viewer) for viewer in VIEWERS}
    for name in POSTS:
        at = address(world, name)
        allowed = [viewer for viewer in VIEWERS if may(name, viewer)]
        refused = [viewer for viewer in VIEWERS if viewer not in allowed]
        for viewer in (
            VIEWERS
            if ROUNDS > 1
            else rng.sample(allowed, min(2, len(allowed)))
            + rng.sample(refused, min(2, len(refused)))
        ):
            for _ in range(ROUNDS * (2 if viewer in allowed else 1)):
                form = known.get(name) or dict(rng.sample(sorted(everything.items()), 12))
                data, kind = body(rng, form)
                client = clients[viewer]
                if TABLE[name][1][VIEWERS.index(viewer)] == "-" and viewer != "guest":
                    client = signed_in(world, viewer)  # this one signs out
                headers = {"HTTP_HX_REQUEST": "true"} if rng.random() < 0.3 else {}
                tried.send(
                    client, viewer, name, at, may_write=may(name, viewer), data=data,
                    content_type=kind, **headers,
                )  # fmt: skip
    assert tried.faults == [], "\n".join(str(each) for each in tried.faults[:8])
    assert tried.sent > 3 * len(POSTS)


# --- Files ---------------------------------------------------------------------------------------
FILE_NAMES = (
    b"data.xlsx", b"SK.pdf", b"foto.jpg", b"..\\..\\x.pdf", b"../../etc/passwd", b"", b".pdf",
    b"a" * 300 + b".pdf", b"x.pdf\x00.exe", b"\xff\xfe.pdf", "\u202efdp.exe".encode(), b"CON.pdf",
    b"data.csv", b"data.json", b"bukti.docx", b"x.svg", b"rekap.xls",
)  # fmt: skip
KINDS = (b"application/pdf", b"image/jpeg", b"text/html", b"", b"application/octet-stream", b"x")


def real_files(world):
    """Files as people send them: a PDF, a picture, sheets of ours, and the hostile ones."""
    files = [PDF, b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(600), b"kode;nilai\n1;2\n", b'{"a": 1}']
    client = signed_in(world, "verifikator")
    for name in ("work_sheet", "register_sheet", "instrument_sheet"):
        response = (client if name == "instrument_sheet" else signed_in(world, "own")).get(
            address(world, name)
        )
        files.append(taken(response))
    return files + [content_of(name) for name in sorted(SAME_EVERYWHERE)[:6]]


def mutated(rng, content):
    """The same file, damaged: cut, longer, bytes turned, or words of a part of a ZIP changed."""
    draw, data = rng.random(), bytearray(content)
    if draw < 0.15 or not data:
        return content
    if draw < 0.3:
        return bytes(data[: rng.randrange(len(data))])
    if draw < 0.4:
        return content + rng.randbytes(rng.randint(1, 400))
    if draw < 0.7 and content[:2] == b"PK":
        return _other_words(rng, content)
    for _ in range(rng.randint(1, 30)):
        data[rng.randrange(len(data))] = rng.randrange(256)
    return bytes(data)


def _other_words(rng, content):
    """A ZIP that opens, with one of its parts altered inside."""
    out = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
            unlucky = rng.choice(old.namelist())
            for name in old.namelist():
                part = old.read(name)
                if name == unlucky:
                    at = rng.randrange(len(part) + 1)
                    part = part[:at] + rng.choice(NASTY) + part[at + rng.randint(0, 20) :]
                new.writestr(name, part)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError):
        return content[:-1]
    return out.getvalue()


def test_no_file_ends_in_an_error_wherever_it_is_sent(world):
    rng, tried, known = chance("files"), Tried(), forms(world)
    originals = real_files(world)
    takers = [
        (name, field)
        for name in POSTS
        for field, (kind, _values) in known.get(name, {}).items()
        if kind == "file"
    ]
    assert len(takers) >= 6
    for name, field in takers:
        viewers = [viewer for viewer in VIEWERS if may(name, viewer)][:2]
        viewers.append(rng.choice([viewer for viewer in VIEWERS if not may(name, viewer)]))
        for viewer in viewers:
            for _ in range(3 * ROUNDS):
                files = [
                    (field.encode(), rng.choice(FILE_NAMES), rng.choice(KINDS),
                     mutated(rng, rng.choice(originals)))
                    for _ in range(rng.choice((1, 1, 1, 2)))
                ]  # fmt: skip
                data = multipart(pairs(rng, known[name]), files)
                tried.send(
                    signed_in(world, viewer), viewer, name, address(world, name), data=data,
                    may_write=may(name, viewer), content_type="multipart/form-data; boundary=uji",
                )  # fmt: skip
    assert tried.faults == [], "\n".join(str(each) for each in tried.faults[:8])


TUS = {
    "HTTP_TUS_RESUMABLE": ("1.0.0", "0.2.2", "", "x"),
    "HTTP_UPLOAD_LENGTH": ("27", "0", "-1", "99999999999999999999", "1.5", "\u0661", "", "a"),
    "HTTP_UPLOAD_OFFSET": ("0", "27", "-1", "9999999999999", "", "x"),
    "HTTP_UPLOAD_METADATA": (
        "filename U0sucGRm", "filename", "filename ====", "filename gA==",
        "filename AAA=,filename eA==",
        ",,,", "filename " + "QUFB" * 500, "filename Li4vLi4vZXRj", "",
    ),
    "HTTP_UPLOAD_CHECKSUM": ("sha256 x", "sha1 2jmj7l5rSw0yVb/vlWAYkK/YBwk=", "", "md5"),
    "HTTP_UPLOAD_CONCAT": ("partial", "final;/x", ""),
}  # fmt: skip


def test_no_upload_in_parts_ends_in_an_error(world):
    rng, tried = chance("tus"), Tried()
    for name in ("work_uploads", "register_uploads", "upload"):
        for viewer in ("own", "other", "verifikator", "pimpinan", "far_admin"):
            for _ in range(3 * ROUNDS):
                headers = {
                    key: rng.choice(values) for key, values in TUS.items() if rng.random() < 0.7
                }
                method = rng.choice(("POST", "PATCH", "HEAD", "DELETE", "OPTIONS", "PUT"))
                kind = rng.choice(("application/offset+octet-stream", "text/plain", ""))
                tried.send(
                    signed_in(world, viewer), viewer, name, address(world, name), method=method,
                    may_write=viewer in {"own", "verifikator"}, content_type=kind,
                    data=rng.choice((PDF, b"", rng.randbytes(50))), **headers,
                )  # fmt: skip
    assert tried.faults == [], "\n".join(str(each) for each in tried.faults[:8])
    assert settings.EVIDENCE_PICTURES is False
