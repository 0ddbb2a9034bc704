"""Every address of the work screens, found from the site itself: nothing breaks, nothing leaks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models
from django.test import Client
from django.urls import URLPattern, URLResolver
from django.utils import timezone

from actions import editing, permissions, remarks
from actions.admin.policy import PolicyAdmin
from actions.forms import CONTENT
from actions.models import Citation, EntryVersion, StatusEntry
from napmonitor.accounts.models import User
from napmonitor.audit.models import AuditEvent, FailedSignIn
from tests import factories
from tests.admin_pages import page, registered
from tests.factories import (
    ADMINISTRATOR,
    EDITOR,
    MINISTRY_COORDINATOR,
    NAP_COORDINATOR,
    READER,
    ROLES,
    signed_in,
    somebody,
)

pytestmark = pytest.mark.django_db

# What is looked for, and the part of it that may be asked for and so be repeated in an answer.
CANARY, PART = "kanarie-7f3a9c", "kanarie"
# What the visitors' own ministry wrote: a sweep that does not find this has not looked.
OWN = "eigen-4b1d"


@pytest.fixture
def rows() -> dict[type[models.Model], models.Model]:
    """Return one row of every model with the canary in its texts, all of another ministry."""
    ministry = factories.OrganisationFactory(slug=CANARY)
    factories.OrganisationNameFactory(organisation=ministry, name=CANARY, abbreviation=CANARY)
    plan = factories.PlanFactory(title_nl=CANARY, title_en=CANARY, note=CANARY)
    point = factories.ActionPointFactory(
        plan=plan, title_nl=CANARY, title_en=CANARY, description=CANARY, lead=ministry
    )
    each = factories.ReportingRoundFactory(plan=plan, note=CANARY, opened=True)
    author = factories.UserFactory(name=CANARY, email=f"{CANARY}@test.example")
    membership = factories.MembershipFactory(user=author, organisation=ministry)
    entry = factories.StatusEntryFactory(action_point=point, round=each)
    content = editing.Content(
        narrative=CANARY, outlook=CANARY, letter_passage=CANARY, internal_note=CANARY
    )
    version = editing.save_text(entry, content, author=author, read_version=0)
    remarks.make(entry, text=CANARY, quote=CANARY, author=author, read_version=1)
    Citation.objects.create(
        entry_version=version, field="narrative", start=0, end=1, literal=CANARY, kind="wet"
    )
    LogEntry.objects.create(
        user=author,
        content_type=ContentType.objects.get_for_model(StatusEntry),
        object_id=str(entry.pk),
        object_repr=CANARY,
        action_flag=2,
        change_message=CANARY,
    )
    made = [
        *(ministry, plan, point, each, author, membership, entry, version),
        factories.OfficeFactory(title=CANARY, note=CANARY, organisation=ministry),
        factories.SuccessionFactory(note=CANARY),
        factories.ActionPointLinkFactory(reason=CANARY),
        factories.ParliamentaryDocumentFactory(title=CANARY, note=CANARY),
        # Sources are offered to everyone who writes, so they hold no canary.
        factories.SourceFactory(),
        *(model.objects.first() for model in registered() if model.__name__ in KEPT),
        FailedSignIn.objects.create(account=author, address=CANARY),
        AuditEvent.objects.get(
            object_type="actions.statusentry", action="entry.save-text", actor=author
        ),
    ]
    known = {type(row): row for row in made}
    # A model that is registered later is swept without a new test.
    return known | {model: canary_row(model) for model in registered() if model not in known}


def canary_row(model: type[models.Model]) -> models.Model:
    """Return a row of any model, with the canary wherever it takes a text."""
    values: dict[str, Any] = {}
    for field in model._meta.concrete_fields:
        if field.has_default() or field.null or field.auto_created:
            continue
        if field.is_relation:
            values[field.name] = canary_row(field.remote_field.model)
        elif field.choices:
            values[field.name] = next(key for key, _label in field.flatchoices if key)
        elif isinstance(field, models.CharField | models.TextField):
            values[field.name] = CANARY
        elif isinstance(field, models.DateTimeField):
            values[field.name] = timezone.now()
        elif isinstance(field, models.DateField):
            values[field.name] = timezone.localdate()
        elif not field.blank:
            values[field.name] = 1
    return model._default_manager.create(**values)


# Three pillars and 31 principles is all there are.
KEPT = ("Pillar", "UngpPrinciple")


def visitors() -> dict[str, Client]:
    ministry = factories.OrganisationFactory(named=True)
    factories.StatusEntryFactory(action_point__lead=ministry, written=OWN)
    return {
        "anonymous": Client(),
        "no membership": signed_in(factories.UserFactory()),
        "ended today": signed_in(somebody(ADMINISTRATOR, valid_until=timezone.localdate())),
        **{role: signed_in(somebody(role, ministry)) for role in ROLES},
    }


# Who may read nothing of another ministry, and which of them get no page at all.
STRANGERS = ("anonymous", "no membership", "ended today", EDITOR, MINISTRY_COORDINATOR)
SHUT_OUT = STRANGERS[:3]


def patterns(found: list[Any], start: str = "/beheer/") -> Iterator[str]:
    """Yield every address of the site as a template with `<...>` where a value goes."""
    for each in found:
        text = start + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from patterns(each.url_patterns, text)
        elif isinstance(each, URLPattern) and "(?P<url>" not in text:
            yield text


def addresses(keys: dict[str, object]) -> list[str]:
    """Return every address, with the key of a row for the model it belongs to."""
    found = []
    for pattern in patterns(admin.site.get_urls()):
        app_list = re.sub(r"\^\(\?P<app_label>(\w+)\|.*", r"\1/", pattern)
        model = "/".join(app_list.split("/")[2:4])
        if "/production/" in pattern:
            model = "actions/reportinground"
        filled = re.sub(r"<(int:pk|path:object_id|path:object_id)>", str(keys.get(model)), app_list)
        filled = filled.replace("<int:number>", "1").replace("<document:kind>", "letter")
        # A key within the documents of a round is the same for every round.
        filled = filled.replace("<str:node_id>", "inleiding-plan").replace("<int:remark>", "1")
        filled = filled.replace("<slug:kind>", "letter")
        steps = [each.value for each in permissions.STEPS]
        steps += ["open", "publish", "end", "restart", "invite", "pseudonymise"]
        names = steps if "<slug:name>" in filled else [""]
        if not filled.endswith("logout/"):
            found += [filled.replace("<slug:name>", name) for name in names]
    return found


def by_path(rows: dict[type[models.Model], models.Model]) -> dict[str, object]:
    return {f"{m._meta.app_label}/{m._meta.model_name}": row.pk for m, row in rows.items()}


def questions(address: str) -> list[dict[str, str]]:
    """Return query strings that make a page say more than it should."""
    found: list[dict[str, str]] = [{}, {"_popup": "1"}, {"_to_field": "id"}]
    for model in registered():
        if address == page(model, "changelist"):
            found += [{"q": PART}, {"all": ""}, {"o": "1.-2"}, {"_facets": "True"}, {"e": "1"}]
            found += [{"_to_field": "password"}, {"_changelist_filters": f"q={PART}"}, {"p": "2"}]
            for field in model._meta.get_fields():
                found.append({f"{field.name}__startswith": PART})
                if not field.is_relation:
                    found.append({f"{field.name}__regex": PART})
    return found


def snapshot(rows: dict[type[models.Model], models.Model]) -> dict[str, Any]:
    """Return everything that is stored of these rows, and how many there are in all."""
    return {
        model._meta.label: (
            list(model._default_manager.filter(pk=row.pk).values()),
            # That a step was refused is written down: the trail grows, and only by that.
            AuditEvent.objects.exclude(result="refused").count()
            if model is AuditEvent
            else model._default_manager.count(),
        )
        for model, row in rows.items()
    }


def everything_of(response: Any) -> str:
    return f"{response.headers} {response.content.decode(errors='replace')}"


def test_sweep_finds_every_address_of_every_model(
    rows: dict[type[models.Model], models.Model],
) -> None:
    found = addresses(by_path(rows))

    assert set(rows) == set(registered())
    for model in registered():
        for name in ("changelist", "add"):
            assert page(model, name) in found
        for name in ("change", "delete", "history"):
            assert page(model, name, rows[model].pk) in found
    assert not any("<" in each or "None" in each for each in found)


# Of how many parts each database tries one. The two databases together try all of it in every run
# of the tests; the long tests try all of it on each.
PARTS = [2, pytest.param(1, marks=pytest.mark.soak)]


def part(of: int, found: Iterable[Any]) -> list[Any]:
    """Return what this database tries of all that was found."""
    return list(found)[0 if connection.vendor == "sqlite" or of == 1 else 1 :: of]


@pytest.mark.parametrize("of", PARTS, ids=["half", "all"])
@pytest.mark.parametrize("who", STRANGERS)
def test_sweep_shows_nothing_of_another_ministry(
    rows: dict[type[models.Model], models.Model], who: str, of: int
) -> None:
    client = visitors()[who]
    before = snapshot(rows)
    entry = StatusEntry.objects.get(latest_version__narrative=OWN)
    mine = {"actions/statusentry": entry.pk, "actions/entryversion": entry.latest_version_id}
    probes, own = 0, False

    for address in {**dict.fromkeys(addresses(by_path(rows))), **dict.fromkeys(addresses(mine))}:
        plain, *others = questions(address)
        for question in (plain, *part(of, others)):
            response = client.get(f"{address}?{urlencode(question)}")
            probes += 1
            own = own or OWN in everything_of(response)
            assert response.status_code < 500, (address, question)
            assert CANARY not in everything_of(response), (address, question)
            if who in SHUT_OUT and "/login/" not in address and "/jsi18n/" not in address:
                assert response.status_code == 302, address

    print(f"{probes} read probes as {who}")  # noqa: T201
    assert probes > 1000 // of
    assert own is (who not in SHUT_OUT)
    assert snapshot(rows) == before


@pytest.mark.parametrize("of", PARTS, ids=["half", "all"])
@pytest.mark.parametrize("who", [*STRANGERS, READER])
def test_sweep_writes_nothing_of_another_ministry(
    rows: dict[type[models.Model], models.Model], who: str, of: int
) -> None:
    marks = marks_of(addresses(by_path(rows)))
    client = visitors()[who]
    before = snapshot(rows)
    typed = {"post": "yes", "_save": "1", "note": "typed", "read_version": "1", "_saveasnew": "1"}
    for model in registered():
        typed |= {field.name: "1" for field in model._meta.fields if not field.primary_key}
    for group in ("names", "memberships", "holdings", "responsibilities", "sources", "citations"):
        typed |= {f"{group}-TOTAL_FORMS": "1", f"{group}-INITIAL_FORMS": "0"}
    probes = 0

    asked = [
        (address, sent)
        for address in addresses(by_path(rows))
        if "/login/" not in address and "/password_change/" not in address
        for sent in (typed, typed | {"_saveasnew": ""}, {"action": "delete_selected"}, {})
    ]
    for address, sent in part(of, [*asked[0::4], *asked[1::4], *asked[2::4], *asked[3::4]]):
        marked = {"opened": marks.get(address, "")} if sent else {}
        data = {name: value for name, value in (sent | marked).items() if value}
        answers = [client.post(address, data)]
        if not sent:
            answers += [client.put(address), client.delete(address), client.patch(address)]
        for response in answers:
            probes += 1
            assert response.status_code < 500, address
            assert who == READER or CANARY not in everything_of(response), address

    print(f"{probes} write probes as {who}")  # noqa: T201
    assert probes > 900 // of
    assert snapshot(rows) == before


def marks_of(found: Iterable[str]) -> dict[str, str]:
    """Return what each form sends along unseen: who attacks knows how to make that up."""
    client = signed_in(factories.UserFactory(superuser=True))
    marks = {}
    for address in found:
        if address.endswith("/change/"):
            shown = re.search(r'name="opened" value="([^"]*)"', client.get(address).text)
            marks |= {address: shown[1]} if shown else {}
    assert len(marks) > 10
    return marks


@pytest.mark.parametrize("who", [NAP_COORDINATOR, ADMINISTRATOR])
def test_sweep_of_who_reads_all_changes_no_text_of_a_ministry(
    rows: dict[type[models.Model], models.Model], who: str
) -> None:
    client = visitors()[who]
    before = list(EntryVersion.objects.order_by("pk").values())
    typed = dict.fromkeys((*CONTENT, "reason", "note", "text", "remark"), "typed")
    typed |= {"read_version": "1", "progress": "completed", "progress_basis": "stated"}
    probes = 0

    for address in addresses(by_path(rows)):
        if "/statusentry/" in address or "/entryversion/" in address:
            for sent in (typed, typed | {"_submit_entry": "1"}, {}):
                response = client.post(address, sent)
                probes += 1
                assert response.status_code < 500, address

    print(f"{probes} probes at texts as {who}")  # noqa: T201
    assert probes > 50
    assert list(EntryVersion.objects.order_by("pk").values()) == before


NONSENSE = ("0", "-1", "9" * 40, "1_2F2", "é", "%00", "1.5", "_5F")


@pytest.mark.parametrize("model", registered(), ids=lambda model: model._meta.label)
def test_sweep_of_nonsense_breaks_no_page(model: type[models.Model]) -> None:
    client = signed_in(factories.UserFactory(superuser=True))
    start = page(model, "changelist")
    names = admin.site.get_model_admin(model)
    assert isinstance(names, PolicyAdmin)

    for key in NONSENSE:
        assert client.post(f"{start}{key}/change/").status_code < 500, key
        for name in ("change", "delete", "history"):
            assert client.get(f"{start}{key}/{name}/").status_code < 500, (key, name)
        for question in ({"q": key, "p": key, "o": key, "all": key}, {"_to_field": key}):
            assert client.get(start, question).status_code < 500, question
        for name in names._filter_names():
            for ending in ("", "__exact", "__isnull", "__gte", "__lt"):
                question = {f"{name}{ending}": key.replace("%00", "\x00"), "q": "nothing"}
                assert client.get(start, question).status_code < 500, question


class Inline(HTMLParser):
    """Finds what the policy for content forbids: scripts, styles and handlers inside a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        if tag == "style" or (tag == "script" and "src" not in names):
            self.found.append(tag)
        self.found += [name for name in names if name == "style" or name.startswith("on")]


def test_sweep_finds_no_script_or_style_inside_a_page(
    rows: dict[type[models.Model], models.Model],
) -> None:
    client = signed_in(factories.UserFactory(superuser=True))

    for address in addresses(by_path(rows)):
        response = client.get(address)
        if response.status_code == 200 and "html" in response.headers["content-type"]:
            parser = Inline()
            parser.feed(response.text)
            assert parser.found == [], address


def test_password_hash_of_nobody_is_in_a_page(
    rows: dict[type[models.Model], models.Model],
) -> None:
    User.objects.update(password="md5$hash-of-everyone$hash-of-everyone")
    client = signed_in(factories.UserFactory(superuser=True))

    for address in addresses(by_path(rows)):
        assert "hash-of-everyone" not in everything_of(client.get(address)), address
