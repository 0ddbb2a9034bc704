"""Every link of the work screens, followed in a real browser by everybody who works there.

A link to a page that somebody cannot open is a dead end and fails, as does any complaint of the
browser. What a new model shows is found from the site itself.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urldefrag, urlsplit

import pytest
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.hashers import make_password
from django.test import RequestFactory
from django.urls import URLPattern, resolve, reverse
from django.utils import timezone
from playwright.sync_api import Page

from actions import remarks, workflow
from actions.choices import Answer, EntryState, RemarkField, Verdict
from actions.models import Office, Organisation, ReportingRound, StatusEntry
from napmonitor.accounts.models import User
from napmonitor.audit.models import FailedSignIn
from reports import handling, issuing
from reports.choices import Kind, Outcome, Stage
from reports.models import EditionVersion, Freeze
from tests import admin_pages, edition_story, factories
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
from tests.test_admin_browser import entry, faults
from tests.test_admin_sweep import canary_row
from tests.workflow_people import cast

START: Final = "/beheer/"
SUPERUSER: Final = "superuser"
# How many pages of each kind everybody opens. `make soak` opens two, but for who sees every list of
# reference data; the roles between them see the entries in all their states.
MOST: Final = dict.fromkeys((*ROLES, SUPERUSER), 1)
MOST_IN_SOAK: Final = MOST | dict.fromkeys(set(ROLES) - {ADMINISTRATOR}, 2)

# No link leads to these, and each says why.
LEFT_OUT: Final = {
    "differences_file": "a button that posts, and gives a file",
    "login": "who is signed in is sent on",
    "logout": "a button that posts",
    "password_change_done": "comes after another password was stored",
    "jsi18n": "a script that pages load",
    "accounts_user_invitation": "only the mail of an invitation leads there",
    "accounts_user_pseudonymise": "needs an ended account; its page has tests of its own",
    "accounts_user_transition": "buttons that post, and change accounts",
    "actions_membership_rights_file": "a button that posts, and downloads a file",
    "actions_membership_rights_reviewed": "a button that posts, and confirms a review",
    "accounts_user_give_password": "a button that posts, and makes another password",
    "actions_statusentry_restore": "a button that posts, and stores a text",
    "actions_reportinground_approve": "a button that posts; the outcomes have a test of their own",
    "actions_reportinground_remarks_file": "a button that gives a file",
    "production_editor_preview": "what a script posts while somebody types",
    "production_file": "a file, which opens in a tab of its own",
    "production_preview": "a button that posts, and opens a tab of its own",
    "production_progress": "what a script asks while documents are made",
    "production_freeze": "buttons that post, and make documents",
    "production_retry": "a button that posts, and tries failed work again",
    "production_dispatch": "a button that posts, and notes when documents were sent",
    "production_publish": "a button that posts, and publishes a round",
    "own_texts_file": "a button that posts, and gives a file",
    "own_texts_mail": "a button that posts, and mails a file",
    "actions_reportinground_remind": "buttons that post, and mail people; with tests of their own",
    "actions_statusentry_draft": "what a script posts while somebody types",
    "actions_statusentry_discard_draft": "a button that posts, and throws a draft away",
    "actions_statusentry_alive": "what a script asks before it sends a form",
    "actions_statusentry_assist": "what a script posts while somebody types",
    "actions_statusentry_paste": "what a script posts when somebody pastes",
    "actions_statusentry_unchanged": "a button that posts, and stores a text",
    "actions_reportinground_transition": "buttons that post, and need no answer to do their work",
}

# With a document that is in the register, and one that is not and so is offered for registration.
TEXT: Final = """De pilot is gestart; zie Kamerstuk 32 735, nr. 401 en Kamerstuk 36 999, nr. 3.

### Vervolg

- Een rapport.
"""

# A link that opens a tab of its own leads to a file, or out of the site.
READ: Final = """() => [
  [...document.querySelectorAll("a[href]:not([target])")].map((each) => each.href),
  [...document.querySelectorAll("form[action*='/transition/']:has([required])")]
    .map((each) => each.action),
]"""


@dataclass(slots=True)
class Crawl:
    """What was opened so far, by whom, and what was wrong with it."""

    page: Page
    home: str
    most: Mapping[str, int]
    opened: dict[str, Counter[str]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def follow(self, who: str, first: list[str]) -> None:
        """Open the first page, some others, and breadth-first what they link to."""
        waiting = deque((self.home + path, "the start") for path in (START, *first))
        known = {address for address, _source in waiting}
        while waiting:
            address, source = waiting.popleft()
            if not self._take(who, kind(address)):
                continue
            # Of a kind that was whole before, the text is enough.
            wait = "load" if self.opened[kind(address)].total() == 1 else "domcontentloaded"
            response = self.page.goto(address, wait_until=wait)
            self._look(who, address, source, response)
            found, steps = self._read()
            waiting.extend((each, address) for each in found if each not in known)
            known.update(found)
            self._ask_again(who, address, steps)

    def _take(self, who: str, name: str) -> bool:
        """Count a page, unless this person has opened enough of its kind."""
        count = self.opened.setdefault(name, Counter())
        count[who] += 1 if (more := count[who] < self.most[who]) else 0
        return more

    def _look(self, who: str, address: str, source: str, response: Any) -> None:
        """Note a page that did not open, and the first time of its kind what axe finds on it."""
        # The site sends people elsewhere from a page that is not there or may not be asked.
        if not response.ok or self.page.url != address:
            end = f"{response.status} at {self.page.url}"
            self.wrong.append(f"{who}: {address}, linked from {source}, ends with {end}")
        elif self.opened[kind(address)].total() == 1:
            self.wrong += faults(self.page)

    def _read(self) -> tuple[list[str], list[str]]:
        """Return where a page leads to, and the steps on it that cannot do without an answer.

        A page that leads back to a list with filters is the page that leads back to all of it.
        """
        links, steps = self.page.evaluate(READ)
        plain = dict.fromkeys(urldefrag(each).url for each in links)
        own = [each for each in plain if each.startswith(self.home + START)]
        return [each for each in own if "_changelist_filters=" not in each], steps

    def _ask_again(self, who: str, address: str, steps: list[str]) -> None:
        """Press the buttons of steps that ask for an answer and get none: the step asks again."""
        # Nothing is stored, so everybody finds the entries as they were.
        for action in dict.fromkeys(steps):
            if not self._take(who, kind(action)):
                continue
            form = f"form[action='{urlsplit(action).path}']:has([required])"
            with self.page.expect_navigation() as navigation:
                self.page.locator(form).first.locator("button").click()
            self._look(who, action, address, navigation.value)
            self.page.goto(address, wait_until="domcontentloaded")


def kind(address: str) -> str:
    """Return the name of an address, of a step with the name of the step behind it."""
    path = urlsplit(address).path
    match = resolve(path)
    step = match.kwargs.get("name")
    return f"{match.url_name or path}{f':{step}' if step else ''}"


def seed() -> dict[str, tuple[Organisation, list[StatusEntry]]]:
    """Fill the plan, and return for each role a ministry and the entries that show most to it."""
    coordinators = [somebody(NAP_COORDINATOR) for _ in range(2)]
    workflow.open_round(ReportingRound.objects.get(year=2026), actor=coordinators[0])
    concept, returned, missing = (entry(code, 2026) for code in ("1.b", "3.e", "3.f"))
    submitted, approved, read = entry("2.b", 2026), entry("1.j", 2026), entry("1.b", 2023)
    factories.write(concept, "De pilot begint.")
    for each in (concept, returned, submitted, approved):
        factories.write(each, TEXT)
    discuss(concept, coordinators[0])
    for each in (returned, submitted, approved):
        workflow.submit(each, actor=of_lead(MINISTRY_COORDINATOR, each))
    workflow.send_back(returned, actor=coordinators[0], reason="Noem de bedragen.")
    workflow.mark_not_supplied(missing, actor=coordinators[0], reason="Niets ontvangen.")
    discuss(submitted, coordinators[0])
    sign(approved)
    sign(submitted)
    workflow.approve(approved, actor=coordinators[0])
    factories.write(read, "Beter gelezen.", origin="reconstructed")
    corrected = correct_twice()
    factories.ActionPointLinkFactory(from_point=read.action_point)
    with edition_story.quick_rendering():
        final = edition_story.frozen(edition_story.ready_round())
        issuing.ask_freeze(concept.round, Stage.CONCEPT, actor=coordinators[0])
        edition_story.work()
    # Whichever year somebody opens, something came back on it.
    remark_on(final.round, coordinators[0])
    come_back(concept.round, coordinators[0])
    FailedSignIn.objects.create(account=factories.UserFactory(), address="127.0.0.1")
    # A model that is registered later has a page to open without a change here.
    for model in admin_pages.registered():
        if not model._default_manager.exists():
            canary_row(model)
    ministry = {each.slug: each for each in Organisation.objects.all()}
    return {
        EDITOR: (ministry["jenv"], [concept, returned]),
        MINISTRY_COORDINATOR: (ministry["jenv"], [submitted, missing]),
        NAP_COORDINATOR: (ministry["bz"], [submitted, returned]),
        ADMINISTRATOR: (ministry["bz"], [read, approved]),
        READER: (ministry["bz"], [concept, missing]),
        SUPERUSER: (ministry["bz"], [corrected, approved]),
    }


def come_back(each: ReportingRound, coordinator: User) -> None:
    """Let a remark and a decision come back on the concept that went up the line."""
    remark_on(each, coordinator)
    note = EditionVersion.objects.get(edition__round=each, edition__kind=Kind.DECISION_NOTE)
    handling.decide(
        note,
        office=Office.objects.on(timezone.localdate()).order_by("pk")[0],
        decided_on=timezone.localdate(),
        outcome=Outcome.WITH_CHANGE,
        condition="Noem de bedragen.",
        actor=coordinator,
    )


def remark_on(each: ReportingRound, coordinator: User) -> None:
    """Let a remark come back on the letter."""
    handling.add_remark(
        EditionVersion.objects.get(edition__round=each, edition__kind=Kind.LETTER),
        actor=coordinator,
        node_id="inleiding-plan",
        on_behalf_of="minister",
        text="Dit kan korter.",
        proposal="Hierbij informeer ik u.",
    )


def of_lead(role: str, each: StatusEntry) -> User:
    """Return somebody with a role at the ministry that holds the pen."""
    return somebody(
        role, Organisation.objects.get(pk=each.action_point.answering_organisation_ids()[0])
    )


def sign(each: StatusEntry) -> None:
    """Let the ministries that answer along say something of a text."""
    each.refresh_from_db()
    assert each.latest_version
    for key in each.co_responsible_ids():
        ministry = Organisation.objects.get(pk=key)
        workflow.sign_off(
            each,
            organisation=ministry,
            verdict=Verdict.AGREED_WITH_REMARK,
            actor=somebody(MINISTRY_COORDINATOR, ministry),
            read_version=each.latest_version.number,
            remark="Let op de datum.",
        )


def discuss(each: StatusEntry, coordinator: User) -> None:
    """Make two remarks on a text, of which one is answered."""
    each.refresh_from_db()
    assert each.latest_version
    number = each.latest_version.number
    made = [
        remarks.make(
            each,
            text="Dit kan korter.",
            quote="De pilot is gestart",
            proposal="De pilot loopt.",
            field=RemarkField.NARRATIVE,
            author=coordinator,
            read_version=number,
        )
        for _ in range(2)
    ]
    writer = of_lead(EDITOR, each)
    remarks.answer(
        made[0], answer=Answer.REJECTED, actor=writer, read_version=number, reason="Het moet zo."
    )


def correct_twice() -> StatusEntry:
    """Return an entry that was published and corrected, with the next correction waiting."""
    people = cast(year=2021)
    each = people.bring(people.entry, EntryState.APPROVED)
    workflow.publish_round(people.round, actor=people.first)
    for number in (1, 2):
        workflow.reopen(each, actor=people.first, reason="Een getal klopt niet.")
        people.write(each, f"Tekst {number}.")
        workflow.submit(each, actor=people.submitter)
        people.sign(each)
        workflow.approve(each, actor=people.first)
        if number == 1:
            workflow.publish_correction(each, actor=people.first, reason="Het getal is beter.")
    return each


def names(patterns: list[Any]) -> Iterator[str]:
    """Yield the name of every address of the site."""
    for each in patterns:
        if isinstance(each, URLPattern):
            if each.name:
                yield each.name
        else:
            yield from names(each.url_patterns)


def closed_to_all(superuser: User) -> set[str]:
    """Return the names of pages that the policy of a model closes to everybody."""
    request = RequestFactory().get(START)
    request.user = superuser
    found = set()
    for model, each in admin.site._registry.items():
        rights: Mapping[str, bool] = each.get_model_perms(request)
        found |= {
            f"{model._meta.app_label}_{model._meta.model_name}_{page}"
            for page in ("add", "delete")
            if not rights[page]
        }
    return found


def test_everybody_can_open_what_the_work_screens_link_to(page: Page, live_server: Any) -> None:
    open_all(Crawl(page, live_server.url, MOST))


@pytest.mark.soak
def test_soak_everybody_can_open_two_of_each_that_the_work_screens_link_to(
    page: Page, live_server: Any
) -> None:
    open_all(Crawl(page, live_server.url, MOST_IN_SOAK))


def open_all(crawl: Crawl) -> None:
    """Let every role open what links lead to, and check that this is all there is."""
    places = seed()
    page, home = crawl.page, crawl.home
    superuser = factories.UserFactory(superuser=True)
    # Who has a password is offered to change it.
    secret = make_password("correct horse battery staple")

    for who in (*ROLES, SUPERUSER):
        ministry, entries = places[who]
        user = superuser if who == SUPERUSER else somebody(who, ministry)
        user.password = secret
        user.save()
        cookie = signed_in(user).cookies[settings.SESSION_COOKIE_NAME]
        page.context.clear_cookies()
        page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": home}])
        first = [admin_pages.page(StatusEntry, "change", each.pk) for each in entries]
        if who == NAP_COORDINATOR:
            # Of the years with documents, the one of which a set waits to be issued.
            final = Freeze.objects.get(stage=Stage.FINAL)
            first.append(reverse("admin:production_round", args=[final.round_id]))
        crawl.follow(who, first)

    seen = sum(crawl.opened.values(), Counter[str]())
    print(f"pages opened: {dict(seen)}, of {len(crawl.opened)} kinds")  # noqa: T201
    assert not crawl.wrong, "\n".join(crawl.wrong)
    closed = LEFT_OUT.keys() | closed_to_all(superuser)
    reached = {name.partition(":")[0] for name in crawl.opened}
    assert set(names(admin.site.get_urls())) - closed == reached - closed
    assert not reached & closed, "left out, and yet a link leads there"
    assert min(seen[who] for who in crawl.most) > 10
