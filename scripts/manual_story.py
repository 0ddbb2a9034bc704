"""The story behind the pictures in the manuals: who does what in the round of 2026.

Nobody in it exists, and what they write says of itself that it is an example.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from datetime import timedelta
from io import StringIO
from typing import TYPE_CHECKING, Any
from unittest import mock

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth.models import Group  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone, translation  # noqa: E402
from playwright.sync_api import Page, expect  # noqa: E402

from actions import editing, remarks, rights, workflow  # noqa: E402
from actions.choices import (  # noqa: E402
    Basis,
    DocumentKind,
    Progress,
    RemarkField,
    Schedule,
    Verdict,
)
from actions.models import (  # noqa: E402
    Membership,
    Office,
    OfficeHolding,
    Organisation,
    ParliamentaryDocument,
    ReportingRound,
    StatusEntry,
)
from napmonitor.accounts.models import User  # noqa: E402
from reports import arranging, came_back, handling, issuing, jobs, rendering  # noqa: E402
from reports.choices import Format, Handling, Kind, Outcome, RouteRole, Stage  # noqa: E402
from reports.models import EditionVersion, Freeze, RenderJob  # noqa: E402
from reports.renderers.rendered import NotRendered  # noqa: E402

if TYPE_CHECKING:
    from manuals import Camera

YEAR = 2026
# How many days ago the roles began.
SINCE = 200
MAIL = "nap-monitor.example"
# Beside the accounts of the demonstration.
MORE_PEOPLE = (
    ("redacteur.bz", "Joris Kok", "Redacteur van een ministerie", "bz"),
    ("coordinator.bz", "Karin Post", "Coördinator van een ministerie", "bz"),
    ("coordinator.fin", "Ilse Vos", "Coördinator van een ministerie", "fin"),
    ("coordinator.jenv", "Hanna de Boer", "Coördinator van een ministerie", "jenv"),
    ("oud.szw", "Kees Blom", "Redacteur van een ministerie", "szw"),
)
TEXT = (
    "Dit is een voorbeeldtekst. In het voorjaar is een bijeenkomst gehouden met tien organisaties. "
    "De uitkomst staat in de brief aan de Kamer (Kamerstuk 32735, nr. 401).\n\n"
    "- Er is een plan van aanpak.\n- De eerste resultaten worden verwacht in het najaar.\n"
)
NEXT = "Dit is een voorbeeldtekst. In het eerste kwartaal volgt een tweede bijeenkomst."
PROPOSAL = TEXT.replace("In het voorjaar is", "Op 12 mei is")
OWN = (
    "Dit is een voorbeeldtekst. Het kabinet ziet dat veel actiepunten in uitvoering zijn. Over wat "
    "nog niet is begonnen, gaat het kabinet dit najaar met de ministeries in gesprek."
)
OWN_AFTER = OWN.replace("dit najaar", "voor 1 december")


def begin() -> Story:
    """Make the database: the plan, the accounts, and a round in which everything happens."""
    with redirect_stdout(StringIO()):
        call_command("migrate", verbosity=0)
        call_command("load_plan")
        call_command("seed_demo")
    for mailbox, name, role, ministry in MORE_PEOPLE:
        account(mailbox, name, role, ministry)
    return Story()


def account(mailbox: str, name: str, role: str, ministry: str) -> None:
    """Make an account with one role that began a while ago."""
    system = User.objects.system()
    user = User(email=f"{mailbox}@{MAIL}", name=name)
    user.set_unusable_password()
    rights.save_account(user, actor=system)
    held = Membership(
        user=user,
        organisation=Organisation.objects.get(slug=ministry),
        group=Group.objects.get(name=role),
        valid_from=timezone.localdate() - timedelta(days=SINCE),
    )
    rights.save_membership(held, actor=system)


def someone(mailbox: str) -> User:
    return User.objects.get(email=f"{mailbox}@{MAIL}")


def entry(code: str) -> StatusEntry:
    return StatusEntry.objects.get(action_point__code=code, round__year=YEAR)


def write(code: str, author: User, narrative: str = TEXT, **more: Any) -> StatusEntry:
    """Store a text, with the help of a round that is open."""
    found = entry(code)
    content = editing.Content(
        progress=Progress.IN_PROGRESS,
        progress_basis=Basis.STATED,
        schedule=Schedule.ON_SCHEDULE,
        continues_after_plan=True,
        narrative=narrative,
        outlook=NEXT,
        **more,
    )
    editing.save_text(found, content, author=author, read_version=seen(found))
    return entry(code)


def seen(each: StatusEntry) -> int:
    """Return the number of the newest version."""
    each.refresh_from_db()
    return each.latest_version.number if each.latest_version else 0


def address(each: StatusEntry, name: str = "change") -> str:
    return reverse(f"admin:actions_statusentry_{name}", args=[each.pk])


def documents(each: ReportingRound, name: str = "round") -> str:
    """Return the address of a page on which the documents of a round are made."""
    return reverse(f"admin:production_{name}", args=[each.pk])


def section(heading: str) -> str:
    """Return where the part of a page stands that has this heading."""
    return f"section[aria-labelledby={heading}]"


class Story:
    """A year of reporting, told by the pages that people see in it."""

    def __init__(self) -> None:
        self.anna, self.bram = someone("coordinator1.bz"), someone("coordinator2.bz")
        self.carla, self.gerda = someone("beheerder.bz"), someone("lezer.bz")
        self.daan, self.els = someone("redacteur.szw"), someone("coordinator.szw")
        self.joris, self.karin = someone("redacteur.bz"), someone("coordinator.bz")
        self.ilse, self.hanna = someone("coordinator.fin"), someone("coordinator.jenv")
        self.round = ReportingRound.objects.get(year=YEAR)
        if self.round.opened_on is None:
            workflow.open_round(self.round, actor=self.anna)
            self.round.refresh_from_db()
        self.round.ministry_deadline = timezone.localdate() + timedelta(days=21)
        self.round.save()

    def play(self, camera: Camera) -> None:
        """Let everybody do their part, and take the pictures of it."""
        self.camera = camera
        with translation.override(settings.LANGUAGE_CODE):
            self.somebody_signs_in()
            self.an_editor_begins()
            self.texts_come_in()
            self.an_editor_improves()
            self.a_coordinator_of_a_ministry_submits()
            self.the_coordinators_review()
            self.the_administrator_looks_after_people()
            self.a_reader_reads()
            self.the_documents_are_begun()
            self.remarks_come_back()
            self.a_text_comes_again()
            self.the_minister_agrees()
            self.a_second_coordinator_issues()
            self.the_round_is_published()
            self.what_else_there_is()

    @contextmanager
    def seen_by(self, user: User) -> Iterator[Page]:
        """Open a browser in which this person has signed in."""
        client = Client()
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        page = self.camera.page({cookie.key: cookie.value})
        yield page
        page.context.close()

    # Writing.

    def somebody_signs_in(self) -> None:
        page = self.camera.page({})
        page.goto("/beheer/")
        self.camera.take("aanmelden", page, "#container")
        page.context.close()

    def an_editor_begins(self) -> None:
        with self.seen_by(self.daan) as page:
            page.goto("/beheer/")
            self.camera.take("eerste-pagina-redacteur", page, "#header", "#to-write-heading + div")
            page.goto(address(entry("1.d")))
            page.locator(".nap-help summary").click()
            self.camera.take("uitleg", page, "#content > h1", ".nap-help")
            self.camera.take("beginnen", page, ".nap-offer", ".nap-about")
            page.goto(f"{address(entry('1.d'))}?start=earlier")
            page.locator("#id_narrative").fill(TEXT)
            expect(page.locator("[data-assist-for=narrative] li").first).to_be_visible()
            expect(page.locator("[data-preview-for=narrative] p").first).to_be_visible()
            expect(page.locator("#draft-state")).to_contain_text(":", timeout=30_000)
            self.camera.take("schrijven", page, "[aria-labelledby=question-reached]")
            self.camera.take("opslaan-redacteur", page, ".nap-save", ".nap-save + .help")
        with self.seen_by(self.daan) as page:
            page.goto(address(entry("1.d")))
            self.camera.take("niet-opgeslagen-tekst", page, ".nap-offer")
        self.an_editor_is_interrupted()

    def an_editor_is_interrupted(self) -> None:
        """Show what an editor sees without connection, signed out, and after somebody else."""
        with self.seen_by(self.daan) as page:
            page.goto(address(entry("1.d")))
            page.context.set_offline(True)
            page.locator("#id_narrative").fill("Dit is een voorbeeldtekst.")
            state = page.locator("#draft-state")
            expect(state).to_contain_text("verbinding", timeout=30_000)
            self.camera.take("geen-verbinding", page, ".nap-save")
        with self.seen_by(self.daan) as page:
            page.goto(address(entry("1.d")))
            page.context.clear_cookies()
            page.locator("#id_narrative").fill("Dit is een voorbeeldtekst.")
            expect(page.locator("#draft-state a")).to_be_visible(timeout=30_000)
            self.camera.take("afgemeld", page, ".nap-save")
        write("1.d", self.daan)
        with self.seen_by(self.daan) as page:
            page.goto(address(entry("1.d")))
            page.locator("#id_narrative").fill(PROPOSAL)
            write("1.d", self.els, TEXT.replace("tien", "twaalf"))
            page.locator("[name=_continue]").click()
            page.wait_for_selector(".nap-clash")
            self.camera.take("botsing", page, "#content > h1", ".nap-clash", most=700)

    def texts_come_in(self) -> None:
        """Bring texts to every state there is."""
        for code in ("1.g", "1.h", "1.i", "1.k"):
            workflow.submit(write(code, self.joris), actor=self.karin)
        write("2.b", self.ilse)
        workflow.submit(entry("2.b"), actor=self.ilse)
        workflow.approve(entry("1.i"), actor=self.bram)
        workflow.submit(write("1.c", self.daan), actor=self.els)
        self.remark = remarks.make(
            entry("1.c"),
            text="Noem de datum van de bijeenkomst.",
            quote="In het voorjaar is een bijeenkomst gehouden",
            proposal=PROPOSAL,
            field=RemarkField.NARRATIVE,
            author=self.anna,
            read_version=seen(entry("1.c")),
        )
        reason = "Vul aan wanneer de bijeenkomst was. Zie de opmerking bij de tekst."
        workflow.send_back(entry("1.c"), actor=self.anna, reason=reason)

    def an_editor_improves(self) -> None:
        with self.seen_by(self.daan) as page:
            page.goto(address(entry("1.c")))
            self.camera.take("teruggestuurd", page, ".nap-notice")
            self.camera.take("opmerking-bij-vraag", page, "[aria-labelledby=question-reached]")

    # Submitting and signing off.

    def a_coordinator_of_a_ministry_submits(self) -> None:
        with self.seen_by(self.els) as page:
            page.goto("/beheer/")
            self.camera.take("eerste-pagina-ministerie", page, "#header", "#to-write-heading + div")
            page.goto(address(entry("1.c")))
            self.camera.take("opmerking-beantwoorden", page, ".nap-remark")
            self.camera.take("indienen", page, ".nap-save", ".nap-save + .help")
            page.goto(reverse("admin:own_texts"))
            self.camera.take("teksten-meenemen", page, "#content > h1", "#content .nap-step")
        with self.seen_by(self.hanna) as page:
            page.goto(address(entry("2.b")))
            self.camera.take("akkoord-geven", page, section("sign-off-heading"))

    # Reviewing.

    def the_coordinators_review(self) -> None:
        with self.seen_by(self.anna) as page:
            page.goto("/beheer/")
            self.camera.take(
                "eerste-pagina-nap", page, "#to-review-heading", "#rounds-heading + ul"
            )
            self.a_round_is_set_up(page)
            page.goto(reverse("admin:actions_reportinground_overview", args=[self.round.pk]))
            self.camera.take("overzicht", page, section("ministries-heading"), most=900)
            chosen = page.locator("input[name=entry]")
            chosen.nth(0).check()
            chosen.nth(1).check()
            page.goto(
                reverse("admin:actions_reportinground_overview", args=[self.round.pk])
                + "?state=submitted"
            )
            chosen.nth(0).check()
            chosen.nth(1).check()
            self.camera.take("samen-goedkeuren", page, section("points"))
            page.goto(address(entry("1.g")))
            self.camera.take(
                "beoordelen",
                page,
                section("approve-heading"),
                section("return-heading"),
            )
            self.camera.take("opmerking-maken", page, section("remark-heading"))
            page.goto(reverse("admin:actions_reportinground_remarks", args=[self.round.pk]))
            self.camera.take(
                "opmerkingen",
                page,
                section("remarks-heading"),
                section("reasons-heading"),
            )
            page.goto(address(entry("3.a")))
            self.camera.take("niet-aangeleverd", page, section("not-supplied-heading"))

    def a_round_is_set_up(self, page: Page) -> None:
        page.goto(reverse("admin:actions_reportinground_set_up"))
        year = YEAR + 1
        page.locator("#id_year").fill(str(year))
        page.locator("#id_opens_on").fill(f"{year}-09-01")
        page.locator("#id_ministry_deadline").fill(f"{year}-10-15")
        page.locator("#id_promised_on").fill(f"{year}-12-15")
        self.camera.take("ronde-klaarzetten", page, "#content > h1", "#content .nap-step")
        page.locator("#content .nap-step button").click()
        page.wait_for_selector("#preview-heading")
        self.camera.take("ronde-voorbeeld", page, section("preview-heading"), most=620)
        self.camera.take("ronde-maken", page, section("make-heading"))

    # Looking after people.

    def the_administrator_looks_after_people(self) -> None:
        kees = someone("oud.szw")
        with self.seen_by(self.carla) as page:
            page.goto(reverse("admin:accounts_user_changelist"))
            self.camera.take("accounts", page, "#content > h1", "#changelist")
            page.goto(reverse("admin:accounts_user_invite"))
            page.locator("#id_email").fill(f"nieuw.szw@{MAIL}")
            page.locator("#id_name").fill("Lotte Prins")
            page.locator("#id_organisation").select_option(
                value=str(Organisation.objects.get(slug="szw").pk)
            )
            page.locator("#id_group").select_option(label="Redacteur van een ministerie")
            self.camera.take("uitnodigen", page, "#content > h1", "#content .nap-step")
            page.goto(reverse("admin:accounts_user_move", args=[self.daan.pk]))
            self.camera.take("overstappen", page, "#content > h1", "#content .nap-step")
            page.goto(reverse("admin:accounts_user_end", args=[kees.pk]))
            page.locator("#id_on").fill(timezone.localdate().isoformat())
            page.locator("#content .nap-step button").first.click()
            page.wait_for_selector("#means-heading")
            self.camera.take("beeindigen", page, section("means-heading"))
            page.locator("section[aria-labelledby=means-heading] button").click()
            page.goto(reverse("admin:accounts_user_pseudonymise", args=[kees.pk]))
            self.camera.take("onherkenbaar", page, "#content > h1", "#content .nap-step")
            page.goto(reverse("admin:actions_membership_rights"))
            self.camera.take(
                "lijst-van-rechten",
                page,
                "#content > h1",
                section("roles"),
                most=800,
            )
            self.camera.take("beoordelen-rechten", page, section("review-heading"))
            page.goto(reverse("admin:audit_auditevent_changelist"))
            self.camera.take("auditspoor", page, "#content > h1", "#changelist", most=600)

    # Reading.

    def a_reader_reads(self) -> None:
        with self.seen_by(self.gerda) as page:
            page.goto("/beheer/")
            self.camera.take("eerste-pagina-lezer", page, "#header", ".nap-lists")
            page.goto(reverse("admin:actions_statusentry_changelist"))
            self.camera.take("lijst", page, "#content > h1", "#changelist", most=700)
            page.goto(address(entry("1.i")))
            self.camera.take("lezen", page, "#content > h1", "#statusentry_form", most=1000)
            page.goto(address(entry("1.d"), "compare"))
            self.camera.take("vergelijken", page, "#content > h1", ".nap-difference")

    # Making the documents.

    def the_documents_are_begun(self) -> None:
        # Everybody but one answered in the meantime, or supplied nothing.
        for each in workflow.unfinished(self.round):
            if each.action_point.code != "1.g":
                self.settle(each)
        with self.seen_by(self.anna) as page:
            page.goto(documents(self.round))
            self.camera.take(
                "documenten-begin",
                page,
                "#content > h1",
                section("next-heading"),
            )
            job = issuing.ask_freeze(self.round, Stage.CONCEPT, actor=self.anna)
            jobs.run("freezejob", job.pk)
            for file in RenderJob.objects.unfinished().order_by("pk")[:5]:
                jobs.run("renderjob", file.pk)
            page.goto(documents(self.round))
            self.camera.take("worden-gemaakt", page, section("progress"))
            # That page opens itself again when the work is done, in the middle of the next one.
            page.goto("about:blank")
            self.concept = self.finished(job.pk)
            page.goto(documents(self.round))
            self.camera.take("bestanden", page, section("newest-heading"))
            self.camera.take(
                "nog-regelen", page, section("settle"), section("advice-heading"), most=620
            )
            self.camera.take("werken-aan", page, section("work-heading"))
            self.the_letter_is_written(page)
            self.the_head_is_filled_in(page)

    def the_letter_is_written(self, page: Page) -> None:
        page.goto(reverse("admin:production_editor", args=[self.round.pk, Kind.LETTER]))
        self.camera.take("editor", page, "#content > h1", section("whole-heading"), ".nap-contents")
        area = page.locator("textarea[data-own]").first
        self.node = area.get_attribute("data-node") or ""
        self.built = area.input_value()
        area.fill(f"{self.built} {OWN}")
        expect(page.frame_locator("[data-panel] iframe").locator(".here")).to_be_visible()
        self.camera.take("eigen-tekst", page, ".nap-part h2", "article:has(textarea[data-own])")
        page.locator("article:has(textarea[data-own]) button[value=save]").first.click()
        page.wait_for_selector(".nap-said")
        page.goto(
            reverse("admin:production_paragraph", args=[self.round.pk, Kind.LETTER, self.node])
        )
        self.camera.take("meer-met-een-alinea", page, "#content > h1", section("tie-heading"))

    def the_head_is_filled_in(self, page: Page) -> None:
        lines = (
            (RouteRole.SENDER, "Taskforce Vrouwenrechten en Gendergelijkheid"),
            (RouteRole.VIA, "DG Internationale Samenwerking"),
            (RouteRole.VIA, "Secretaris-generaal"),
            (RouteRole.COPY, "Directie Communicatie"),
            (RouteRole.DUE, "15 december, voor het debat"),
        )
        found = [handling.RouteLine(role, who) for role, who in lines]
        handling.set_route(self.round, found, actor=self.anna)
        page.goto(documents(self.round, "route"))
        self.camera.take("kop-van-de-nota", page, "#content > h1", "#content .nap-step")

    def remarks_come_back(self) -> None:
        self.concept = self.make(Stage.CONCEPT)
        letter = self.version_of(self.concept, Kind.LETTER)
        said: dict[str, Any] = {
            "on_behalf_of": "minister",
            "quote": "dit najaar",
            "text": "Noem een datum.",
            "proposal": "voor 1 december",
        }
        with self.seen_by(self.anna) as page:
            page.goto(documents(self.round, "remarks"))
            page.locator("#id_node_id").select_option(value=self.node)
            for name, words in said.items():
                page.locator(f"#id_{name}").fill(words)
            self.camera.take("opmerking-uit-de-lijn", page, section("add-heading"))
            remark = handling.add_remark(letter, node_id=self.node, actor=self.anna, **said)
            page.goto(documents(self.round, "remarks"))
            self.camera.take("uit-de-lijn", page, "#content > h1", section("group-1"))
            self.own_text(OWN_AFTER)
            answer = f"De brief noemt nu een datum. {self.daan.name} (SZW) gaf die op."
            page.goto(reverse("admin:production_remark", args=[self.round.pk, remark.pk]))
            page.locator("#id_handling_0").check()
            page.locator("#id_answer").fill(answer)
            self.camera.take(
                "opmerking-verwerken", page, "#content > h1", section("handle-heading")
            )
            handling.handle_remark(remark, actor=self.anna, handling=Handling.TAKEN, answer=answer)
            page.goto(documents(self.round, "names"))
            self.camera.take("namen-in-de-nota", page, section("names-heading"))
            handling.choose_name(self.round, self.daan.name, leave_out=True, actor=self.anna)

    def own_text(self, words: str) -> None:
        """Let the coordinator write something else after the built text."""
        row = self.round.paragraphs.get(kind=Kind.LETTER, node_id=self.node)
        at = arranging.At(self.node, row.revision, f"{self.built} {words}")
        arranging.save(self.round, Kind.LETTER, at, actor=self.anna)

    def a_text_comes_again(self) -> None:
        """Return a text to its ministry, approve it anew, and take it in."""
        reason = "Zet erbij wanneer de bijeenkomst was."
        workflow.send_back(entry("1.g"), actor=self.anna, reason=reason)
        workflow.submit(write("1.g", self.joris, PROPOSAL), actor=self.karin)
        self.settle(entry("1.g"))
        address = reverse("admin:production_rebuild", args=[self.round.pk, Kind.LETTER])
        with self.seen_by(self.anna) as page:
            page.goto(reverse("admin:production_editor", args=[self.round.pk, Kind.LETTER]))
            self.camera.take("nieuwere-teksten", page, section("newer-heading"))
            page.goto(address)
            self.camera.take("opnieuw-opbouwen", page, "#content > h1", ".nap-difference", most=800)
            page.locator("#content form.nap-step button").click()
            page.wait_for_url(lambda now: not now.endswith(address))

    def the_minister_agrees(self) -> None:
        self.letter_is_known()
        note = self.version_of(self.concept, Kind.DECISION_NOTE)
        condition = "Zeg in de vooruitblik ook wat er na het plan gebeurt."
        with self.seen_by(self.anna) as page:
            page.goto(documents(self.round, "decisions"))
            page.locator("#id_decision-office").select_option(value=str(self.office.pk))
            page.locator("#id_decision-decided_on").fill(timezone.localdate().isoformat())
            page.locator("#id_decision-outcome_1").check()
            page.locator("#id_decision-condition").fill(condition)
            self.camera.take("besluit", page, section("decide-heading"))
            decision = handling.decide(
                note,
                office=self.office,
                decided_on=timezone.localdate(),
                outcome=Outcome.WITH_CHANGE,
                condition=condition,
                actor=self.anna,
            )
            self.something_fails(page)
            page.goto(documents(self.round, "decisions"))
            self.camera.take("voorwaarde", page, section("decisions-heading"))
            met_in = self.version_of(self.concept, Kind.DECISION_NOTE)
            handling.meet_condition(decision, version=met_in, actor=self.anna)
            page.goto(documents(self.round))
            self.camera.take("definitieve-versie", page, "#content > h1", section("next-heading"))

    def letter_is_known(self) -> None:
        """Register the letter, signed by somebody who does not exist."""
        self.office = Office.objects.get(slug="minister-bz")
        holding = OfficeHolding.objects.create(
            office=self.office, person="J. de Wit", valid_from=timezone.localdate()
        )
        self.round.letter = ParliamentaryDocument.objects.create(
            kind=DocumentKind.LETTER,
            title=f"Brief over de voortgang van het NAP in {YEAR}",
            date=timezone.localdate(),
            signatory=holding,
        )
        self.round.save()

    def something_fails(self, page: Page) -> None:
        """Let one file of a concept fail, and be made at the second attempt."""
        job = issuing.ask_freeze(self.round, Stage.CONCEPT, actor=self.anna)
        jobs.run("freezejob", job.pk)
        broken = RenderJob.objects.unfinished().filter(format=Format.ODT).earliest("pk")
        refusal = NotRendered("Het maken duurde te lang en is gestopt.")
        with mock.patch.object(rendering, "render", side_effect=refusal):
            jobs.run("renderjob", broken.pk)
        self.finished(job.pk)
        page.goto(documents(self.round))
        self.camera.take("mislukt", page, section("next-heading"), section("progress"))
        jobs.retry(broken, actor=self.anna)
        self.concept = self.finished(job.pk)

    # Issuing.

    def a_second_coordinator_issues(self) -> None:
        self.final = self.make(Stage.FINAL)
        address = reverse("admin:production_issue", args=[self.final.pk])
        with self.seen_by(self.bram) as page:
            page.goto(address)
            self.camera.take("controleren", page, section("checks-heading"))
            for version in self.final.versions.all():
                for file in version.files.filter(format=Format.PDF):
                    issuing.note_opened(file, actor=self.bram)
            page.goto(address)
            self.camera.take(
                "vaststellen", page, section("checks-heading"), section("issue-heading")
            )
            issued = issuing.issue(self.final, actor=self.bram)
        with self.seen_by(self.anna) as page:
            page.goto(documents(self.round))
            self.camera.take("naar-de-kamer", page, section("send"))
            issuing.dispatch_all(
                issued,
                actor=self.anna,
                sent_on=timezone.localdate(),
                documents={Kind.LETTER: self.round.letter},
            )
            page.goto(documents(self.round))
            self.camera.take("openbaar-maken", page, section("publish"))

    def make(self, stage: Stage) -> Freeze:
        """Fix the documents and make their files, without a worker beside this story."""
        job = issuing.ask_freeze(self.round, stage, actor=self.anna)
        jobs.run("freezejob", job.pk)
        return self.finished(job.pk)

    def finished(self, job: int) -> Freeze:
        """Make the files that are still to be made, and return what was fixed."""
        for each in RenderJob.objects.unfinished().filter(version__freeze__job=job):
            jobs.run("renderjob", each.pk)
        return Freeze.objects.get(job=job)

    def version_of(self, freeze: Freeze, kind: Kind) -> EditionVersion:
        found = came_back.versions_of(self.round)
        return next(
            each for each in found if each.freeze_id == freeze.pk and each.edition.kind == kind
        )

    def settle(self, each: StatusEntry) -> None:
        """Approve a text, or note that there is none."""
        if each.state != "submitted":
            workflow.mark_not_supplied(each, actor=self.anna, reason="Niets ontvangen.")
            return
        for key in each.co_responsible_ids():
            workflow.sign_off(
                each,
                organisation=Organisation.objects.get(pk=key),
                verdict=Verdict.AGREED,
                actor=self.hanna,
                read_version=seen(each),
            )
        workflow.approve(each, actor=self.anna)

    # Publishing.

    def the_round_is_published(self) -> None:
        with self.seen_by(self.anna) as page:
            page.goto(reverse("admin:actions_reportinground_change", args=[self.round.pk]))
            self.camera.take(
                "publiceren",
                page,
                section("counts-heading"),
                section("publish-heading"),
            )
            workflow.publish_round(self.round, actor=self.anna)
            workflow.reopen(entry("1.i"), actor=self.anna, reason="Een getal klopt niet.")
            workflow.submit(write("1.i", self.joris, PROPOSAL), actor=self.karin)
            page.goto(address(entry("1.i")))
            workflow.approve(entry("1.i"), actor=self.bram)
            page.goto(address(entry("1.i")))
            self.camera.take("verbeteren", page, section("publish-correction-heading"))
            self.camera.take("heropenen", page, section("reopen-heading"))

    # After that.

    def what_else_there_is(self) -> None:
        with self.seen_by(self.anna) as page:
            page.goto(documents(self.round))
            page.locator("summary", has_text="nieuwe editie").click()
            page.locator("#id_reason").fill("De datum bij actiepunt 1.i is verbeterd.")
            self.camera.take("nieuwe-editie", page, section("make"))
            page.goto(reverse("admin:differences"))
            self.camera.take(
                "verschillen", page, "#content > h1", "#content form", section("file-heading")
            )
            page.goto(reverse("admin:woo"))
            self.camera.take("woo", page, "#content > h1", "#content .nap-step", most=700)
