"""What is done on a page is done to the bot that the page shows, whichever was chosen since"""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from io import BytesIO
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import resolve, reverse
from django.utils import timezone

from accounts.models import ApiKey, Bot, Membership, User, WebhookSecret
from accounts.roles import Role
from jobs.models import Job
from tests.factories import make_key, make_member, make_operator, make_secret, make_user
from tests.roles import logged_in

KEYS = "/settings/keys/"
NEW_KEY = {"name": "web", "scopes": ["read"]}


@pytest.fixture
def bea(bot, other_bot):
    """Admin of both bots; without a choice she works on `bot`."""
    user = make_member(bot, Role.ADMIN, username="bea")
    Membership.objects.create(bot=other_bot, user=user, role=Role.ADMIN)
    return user


@pytest.fixture
def as_bea(bea):
    return logged_in(bea)


# ── each form acts on the bot that it names ───────────────────────────────────────────


class House:
    """Something of each kind, for the forms of one bot to act on."""

    def __init__(self, bot, by):
        self.bot = bot
        self.member = make_member(bot).memberships.get()
        self.key = make_key(bot, by=by).key
        self.secret = make_secret(bot, by=by).secret
        self.running = Job.objects.create(kind="walk", bot=bot)
        self.failed = Job.objects.create(
            kind="ride", bot=bot, state=Job.State.FAILED, ended_at=timezone.now()
        )


@dataclass(frozen=True)
class Form:
    """Where it is posted, about what, with what, and what then holds of the house."""

    route: str
    holds: object
    about: str = ""
    data: dict = field(default_factory=dict)

    def post(self, client, house, **more):
        args = [getattr(house, self.about).pk] if self.about else []
        return client.post(reverse(self.route, args=args), {**self.data, **more})


def again(row):
    return type(row).objects.filter(pk=row.pk).first()


FORMS = [
    Form(
        "accounts:bot_settings",
        lambda house: again(house.bot).name == "New name",
        data={"name": "New name"},
    ),
    Form(
        "accounts:add_member",
        lambda house: Membership.objects.of(house.bot).filter(user__username="nils").exists(),
        data={"username": "nils", "role": "annotator"},
    ),
    Form(
        "accounts:change_role",
        lambda house: again(house.member).role == Role.REVIEWER,
        "member",
        {"role": "reviewer"},
    ),
    Form("accounts:remove_member", lambda house: again(house.member) is None, "member"),
    Form(
        "accounts:keys",
        lambda house: ApiKey.objects.of(house.bot).filter(name="phone").exists(),
        data={"name": "phone", "scopes": ["read"]},
    ),
    Form(
        "accounts:rotate_key",
        lambda house: ApiKey.objects.of(house.bot).filter(name="web").count() == 2,
        "key",
    ),
    Form("accounts:revoke_key", lambda house: again(house.key).revoked_at, "key"),
    Form(
        "accounts:webhooks", lambda house: WebhookSecret.objects.of(house.bot).live().count() == 2
    ),
    Form("accounts:revoke_secret", lambda house: again(house.secret).revoked_at, "secret"),
    Form("jobs:cancel", lambda house: again(house.running).state == "cancelled", "running"),
    Form("jobs:retry", lambda house: again(house.failed).state == "queued", "failed"),
]
EVERY_FORM = pytest.mark.parametrize("form", FORMS, ids=lambda form: form.route)


@EVERY_FORM
def test_a_form_acts_on_the_bot_that_it_names(form, as_bea, bea, bot, other_bot):
    shown, chosen = House(other_bot, bea), House(bot, bea)

    response = form.post(as_bea, shown, bot=other_bot.slug)

    assert response.status_code in (200, 302)
    assert form.holds(shown)
    assert not form.holds(chosen)


@EVERY_FORM
def test_what_follows_a_form_stays_in_its_bot(form, as_bea, bea, other_bot):
    response = form.post(as_bea, House(other_bot, bea), bot=other_bot.slug)

    if response.status_code == 302:
        response = as_bea.get(response["Location"])
    assert response.status_code == 200
    assert response.wsgi_request.bot == other_bot
    assert links_out_of(other_bot, response) == []


@EVERY_FORM
@pytest.mark.parametrize("slug", ["travel-bot", "no-such-bot", "", "travel\0bot"])
def test_a_form_that_names_a_bot_of_others_finds_nothing(form, slug, as_admin, admin, bot, bea):
    house = House(bot, admin)

    assert form.post(as_admin, house, bot=slug).status_code == 404
    assert not form.holds(house)


@EVERY_FORM
def test_a_form_cannot_reach_into_another_bot_than_it_names(form, as_bea, bea, bot, other_bot):
    if not form.about:
        return
    house = House(bot, bea)

    assert form.post(as_bea, house, bot=other_bot.slug).status_code == 404
    assert not form.holds(house)


def test_choosing_in_a_second_tab_does_not_move_the_first(as_bea, bot, other_bot):
    first_tab = as_bea.get(KEYS)
    as_bea.post("/bot/", {"slug": other_bot.slug})

    (form,) = [form for form in forms_of(first_tab) if form.action == KEYS]
    as_bea.post(form.action, {**form.hidden, **NEW_KEY})

    assert ApiKey.objects.get().bot == bot


def test_the_form_of_an_address_that_names_a_bot_acts_on_that(as_bea, other_bot):
    page = as_bea.get(f"{KEYS}?bot={other_bot.slug}")

    (form,) = [form for form in forms_of(page) if form.action == KEYS]
    as_bea.post(form.action, {**form.hidden, **NEW_KEY})

    assert ApiKey.objects.get().bot == other_bot


def test_the_address_comes_before_the_form(as_bea, bot, other_bot):
    as_bea.post(f"{KEYS}?bot={other_bot.slug}", {**NEW_KEY, "bot": bot.slug})

    assert ApiKey.objects.get().bot == other_bot


def test_a_form_names_a_bot_for_once(as_bea, bot, other_bot):
    as_bea.post("/settings/bot/", {"name": "New name", "bot": other_bot.slug})

    assert as_bea.get("/account/").wsgi_request.bot == bot


def test_a_body_that_is_no_form_names_no_bot(as_bea, bot):
    response = as_bea.post("/settings/webhooks/", {"bot": "nowhere"}, "application/json")

    assert response.status_code == 200
    assert response.wsgi_request.bot == bot


def test_a_form_that_breaks_off_on_its_way_is_nobodys_fault(as_bea):
    class BrokenOff(BytesIO):
        def read(self, *_):
            raise OSError("connection reset")

    response = as_bea.post(KEYS, NEW_KEY, **{"wsgi.input": BrokenOff()})

    assert response.status_code == 400
    assert not ApiKey.objects.exists()


# ── where a form leads to ─────────────────────────────────────────────────────────────


def test_without_a_name_a_redirect_is_as_it_was(as_bea):
    assert as_bea.post("/settings/bot/", {"name": "New"})["Location"] == "/settings/bot/"


def test_switching_leaves_the_bot_that_was_named(as_bea, bot, other_bot):
    here = f"{KEYS}?bot={bot.slug}"

    response = as_bea.post(f"/bot/?bot={bot.slug}", {"slug": other_bot.slug, "next": here})

    assert response["Location"] == KEYS
    assert as_bea.get(KEYS).wsgi_request.bot == other_bot


def test_making_a_bot_leaves_the_one_that_was_named(operator, bot):
    client = logged_in(operator)

    response = client.post(f"/settings/bots/?bot={bot.slug}", {"name": "Third bot"})

    assert response["Location"] == "/settings/bots/"
    assert client.get("/account/").wsgi_request.bot == Bot.objects.get(name="Third bot")


def test_whoever_removes_themself_is_not_led_back_into_the_bot(as_bea, bea, bot, other_bot):
    make_member(other_bot, Role.ADMIN)
    own = bea.memberships.get(bot=other_bot)

    response = as_bea.post(f"/settings/members/{own.pk}/remove/", {"bot": other_bot.slug})

    assert response["Location"] == "/settings/"
    assert as_bea.get("/settings/", follow=True).wsgi_request.bot == bot


def test_settings_lead_to_the_first_page_of_the_named_bot(as_bea, other_bot):
    response = as_bea.get(f"/settings/?bot={other_bot.slug}")

    assert response["Location"] == f"/settings/bot/?bot={other_bot.slug}"


# ── a walk over the pages ─────────────────────────────────────────────────────────────

# Whom they are about is an account, or the install: they act on no bot.
OF_NO_BOT = {
    *("accounts:switch_bot", "accounts:theme", "accounts:logout", "accounts:account"),
    *("accounts:password", "accounts:start_second_factor", "accounts:bots", "accounts:people"),
    *("accounts:deactivate", "accounts:reactivate"),
    *("accounts:appoint_auditor", "accounts:dismiss_auditor"),
    *("accounts:reset_password", "accounts:reset_second_factor"),
}
PAGES = [
    *("/", "/jobs/", "/jobs/?state=failed", "/jobs/{running}/", "/jobs/{failed}/"),
    *("/settings/bot/", "/settings/members/", KEYS, "/settings/webhooks/"),
    *("/settings/bots/", "/settings/people/", "/settings/people/?q=zoe"),
    *("/account/", "/account/password/", "/account/second-factor/"),
]


@dataclass
class PageForm:
    action: str
    method: str
    hidden: dict

    @property
    def route(self):
        return resolve(urlsplit(self.action).path).view_name


class Reader(HTMLParser):
    """Notes the forms of a page with their hidden fields, and the addresses that it leads to."""

    def __init__(self, page):
        super().__init__()
        self.forms, self.links = [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if tag == "form":
            method = found.get("method", "get")
            self.forms.append(PageForm(found.get("action", ""), method, {}))
        elif tag == "input" and found.get("type") == "hidden" and self.forms:
            self.forms[-1].hidden[found["name"]] = found["value"]
        leads = ("href", "hx-get") if tag == "a" else ("hx-get",)
        self.links += [found[name] for name in leads if name in found]


def forms_of(response):
    return Reader(response.content.decode()).forms


def links_out_of(bot, response):
    """The links and searches of a page after which another bot could be worked on."""
    page = Reader(response.content.decode())
    links = [link for link in page.links if not link.startswith("#")]
    searches = [form for form in page.forms if form.method == "get"]
    return [link for link in links if parse_qs(urlsplit(link).query).get("bot") != [bot.slug]] + [
        form for form in searches if form.hidden.get("bot") != bot.slug
    ]


@pytest.fixture
def house(other_bot, bot):
    """A bot with enough of everything for a second page of each list."""
    house = House(other_bot, make_operator("otto"))
    people = User.objects.bulk_create(User(username=f"zoe{number}") for number in range(60))
    Membership.objects.bulk_create(
        Membership(bot=other_bot, user=person, role=Role.ANNOTATOR) for person in people
    )
    ApiKey.objects.bulk_create(
        ApiKey(
            bot=other_bot,
            name=f"key {number}",
            prefix=f"{number:08}",
            digest=f"{number:064}",
            scopes=["read"],
            created_by=house.member.user,
        )
        for number in range(60)
    )
    make_user("gone", is_active=False)
    return house


def address(page, house):
    return page.format(running=house.running.pk, failed=house.failed.pk)


@pytest.mark.parametrize("page", PAGES)
def test_every_form_that_acts_on_a_bot_names_the_one_shown(page, as_operator, bot, house):
    as_operator.post("/bot/", {"slug": house.bot.slug})

    forms = [
        form for form in forms_of(as_operator.get(address(page, house))) if form.method == "post"
    ]

    assert forms
    for form in forms:
        named = form.hidden.get("bot")
        assert named == (None if form.route in OF_NO_BOT else house.bot.slug), form


def test_the_walk_meets_every_form_of_a_bot(as_operator, house):
    as_operator.post("/bot/", {"slug": house.bot.slug})

    met = {
        form.route
        for page in PAGES
        for form in forms_of(as_operator.get(address(page, house)))
        if form.method == "post"
    }

    assert met - OF_NO_BOT == {form.route for form in FORMS}


@pytest.mark.parametrize("page", PAGES)
def test_no_link_leads_out_of_the_bot_that_the_address_names(page, as_operator, bot, house):
    page = address(page, house)
    named = f"{page}{'&' if '?' in page else '?'}bot={house.bot.slug}"

    assert links_out_of(house.bot, as_operator.get(named)) == []


def test_without_a_name_no_address_carries_one(as_operator, bot, house):
    as_operator.post("/bot/", {"slug": house.bot.slug})

    for page in PAGES:
        links = Reader(as_operator.get(address(page, house)).content.decode()).links

        assert [link for link in links if "bot=" in link] == []


def test_the_pages_of_a_list_shown_after_a_form_stay_in_its_bot(as_operator, house):
    form = {"name": "one more", "scopes": ["read"], "bot": house.bot.slug}

    response = as_operator.post(KEYS, form)

    assert f"?page=2&amp;bot={house.bot.slug}" in response.content.decode()
    assert links_out_of(house.bot, response) == []


def test_without_a_bot_no_form_names_one(as_operator):
    for page in ("/settings/", "/settings/bots/", "/settings/people/"):
        assert all("bot" not in form.hidden for form in forms_of(as_operator.get(page)))


def test_a_named_bot_is_no_filter_of_the_jobs(as_operator, other_bot):
    page = as_operator.get(f"/jobs/?bot={other_bot.slug}").content.decode()

    assert "No jobs yet" in page
    assert "Show all" not in page
