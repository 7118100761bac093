"""/account/second-factor/"""

import re
from base64 import b64decode
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticToken

from accounts import second_factors
from accounts.forms import NUL
from accounts.models import SETUP_LASTS, Authenticator
from accounts.sealing import SealBroken
from accounts.second_factors import RecoveryCodes
from tests.accounts.codes import code_of, set_up, wrong_code_of
from tests.accounts.test_keys import everything_stored

URL = "/account/second-factor/"
POSTS = ["start", "confirm", "codes", "off"]


def codes_in(response):
    return re.findall(r"\b(?:[2-9a-z]{4}-){3}[2-9a-z]{4}\b", response.content.decode())


@pytest.fixture
def waiting(annotator):
    return second_factors.start(annotator)


@pytest.fixture
def recovery_codes(annotator):
    return set_up(annotator)


def confirm(client, code, **more):
    return client.post(f"{URL}confirm/", {"code": code, **more})


def test_the_page_says_what_it_is_and_changes_nothing(as_annotator):
    page = as_annotator.get(URL).content.decode()

    assert "You need an app for one-time codes" in page
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize("path", POSTS)
def test_whoever_is_not_logged_in_is_sent_to_the_login(path, anonymous):
    assert anonymous.get(URL)["Location"] == f"/login/?next={URL}"
    assert anonymous.post(f"{URL}{path}/")["Location"] == "/login/?next=/"


def test_starting_shows_a_secret_that_a_phone_can_read(as_annotator, annotator):
    response = as_annotator.post(f"{URL}start/", follow=True)

    device = Authenticator.objects.get()
    page = response.content.decode()
    picture = re.search(r"data:image/svg\+xml;base64,([\w+/=]+)", page).group(1)
    assert device.secret in page
    assert b64decode(picture).startswith(b"<svg")
    assert device.config_url == (
        f"otpauth://totp/learnloop%3Aana?secret={device.secret}&issuer=learnloop"
    )
    assert "no-store" in response["Cache-Control"]
    assert not second_factors.is_on(annotator)


def test_starting_again_makes_another_secret(as_annotator, annotator, waiting):
    as_annotator.post(f"{URL}start/")

    assert Authenticator.objects.get().secret != waiting.secret


def test_a_secret_that_nobody_confirmed_is_shown_for_half_an_hour(as_annotator, waiting):
    code = code_of(waiting.user)
    Authenticator.objects.update(created_at=timezone.now() - SETUP_LASTS)

    assert waiting.secret not in as_annotator.get(URL).content.decode()
    assert confirm(as_annotator, code).status_code == 409


def test_the_first_code_turns_it_on_and_shows_ten_recovery_codes_once(
    as_annotator, annotator, waiting
):
    response = confirm(as_annotator, code_of(annotator))

    assert second_factors.is_on(annotator)
    assert len(set(codes_in(response))) == 10
    assert "no-store" in response["Cache-Control"]
    page = as_annotator.get(URL)
    assert codes_in(page) == []
    assert waiting.secret not in page.content.decode()


def test_turning_it_on_gives_the_session_a_new_key(as_annotator, annotator, waiting):
    before = as_annotator.session.session_key

    confirm(as_annotator, code_of(annotator))

    assert as_annotator.session.session_key != before
    assert as_annotator.get(URL).status_code == 200


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("", "Type the six digits that your app shows now."),
        ("12345a", "A code has six digits."),
        ("1\0", NUL),
    ],
)
def test_what_can_be_no_code_brings_the_form_again(code, sentence, as_annotator, waiting):
    response = confirm(as_annotator, code)

    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert not second_factors.is_on(waiting.user)


def test_a_wrong_code_brings_the_same_secret_again(as_annotator, annotator, waiting):
    response = confirm(as_annotator, wrong_code_of(annotator))

    assert response.status_code == 422
    assert "This code is not right" in response.content.decode()
    assert waiting.secret in response.content.decode()
    assert not second_factors.is_on(annotator)


def test_a_code_without_a_secret_changes_nothing(as_annotator, annotator):
    response = confirm(as_annotator, "123456")

    assert response.status_code == 409
    assert "Nothing was changed" in response.content.decode()


def test_what_is_on_is_not_started_over(as_annotator, annotator, recovery_codes):
    before = Authenticator.objects.get().secret

    response = as_annotator.post(f"{URL}start/")

    assert response.status_code == 409
    assert Authenticator.objects.get().secret == before
    assert second_factors.is_on(annotator)


def test_new_recovery_codes_take_the_place_of_the_old(as_annotator, annotator, recovery_codes):
    response = as_annotator.post(f"{URL}codes/", {"code": code_of(annotator)})

    new = codes_in(response)
    assert len(set(new)) == 10
    assert not set(new) & set(recovery_codes)
    assert "no-store" in response["Cache-Control"]
    with pytest.raises(second_factors.WrongCode):
        second_factors.check(annotator, code=recovery_codes[0].replace("-", ""))


def test_a_code_turns_it_off_and_forgets_everything(as_annotator, annotator, recovery_codes):
    response = as_annotator.post(f"{URL}off/", {"code": code_of(annotator)})

    assert response["Location"] == URL
    assert not Authenticator.objects.exists()
    assert not StaticToken.objects.exists()
    assert "You need an app" in as_annotator.get(URL).content.decode()


def test_a_recovery_code_turns_it_off(as_annotator, annotator, recovery_codes):
    as_annotator.post(f"{URL}off/", {"recovery_code": recovery_codes[0]})

    assert not second_factors.is_on(annotator)


@pytest.mark.parametrize("path", ["codes", "off"])
class TestChangingIt:
    def test_a_wrong_code_changes_nothing(self, path, as_annotator, annotator, recovery_codes):
        response = as_annotator.post(f"{URL}{path}/", {"code": wrong_code_of(annotator)})

        assert response.status_code == 422
        assert codes_in(response) == []
        assert second_factors.recovery_codes_left(annotator) == 10

    def test_no_code_changes_nothing(self, path, as_annotator, annotator, recovery_codes):
        response = as_annotator.post(f"{URL}{path}/")

        assert response.status_code == 422
        assert "Type the six digits" in response.content.decode()

    def test_wrong_codes_are_slowed_down(self, path, as_annotator, annotator, recovery_codes):
        Authenticator.objects.update(
            throttling_failure_count=6, throttling_failure_timestamp=timezone.now()
        )

        response = as_annotator.post(f"{URL}{path}/", {"code": code_of(annotator)})

        assert response.status_code == 429
        assert int(response["Retry-After"]) > 0
        assert second_factors.is_on(annotator)

    def test_where_it_is_off_nothing_happens(self, path, as_annotator):
        assert as_annotator.post(f"{URL}{path}/", {"code": "123456"}).status_code == 409

    def test_the_code_of_the_login_is_not_taken_twice(
        self, path, as_annotator, annotator, recovery_codes
    ):
        code = code_of(annotator)
        second_factors.check(annotator, code=code)

        assert as_annotator.post(f"{URL}{path}/", {"code": code}).status_code == 422


def test_the_page_counts_the_recovery_codes_that_are_left(as_annotator, annotator, recovery_codes):
    for code in recovery_codes[:8]:
        second_factors.check(annotator, code=code.replace("-", ""))

    assert "2: make new ones" in as_annotator.get(URL).content.decode()


def test_the_account_page_says_whether_it_is_on(as_annotator, annotator):
    assert "the password alone" in as_annotator.get("/account/").content.decode()

    set_up(annotator)

    assert "asks for a code" in as_annotator.get("/account/").content.decode()


class TestStorage:
    def test_neither_secret_nor_recovery_codes_can_be_read_in_the_database(
        self, annotator, recovery_codes
    ):
        device = Authenticator.objects.get()
        stored = everything_stored()

        assert device.key == ""
        assert device.sealed in stored
        assert device.bin_key.hex() not in stored
        assert device.secret not in stored
        for code in recovery_codes:
            assert code not in stored
            assert code.replace("-", "") not in stored

    def test_recovery_codes_are_in_no_representation(self):
        assert "abcd" not in repr(RecoveryCodes(("abcd-efgh-jkmn-pqrs",)))

    def test_a_new_first_key_opens_the_old_and_reseals_it(
        self, annotator, recovery_codes, settings
    ):
        before = Authenticator.objects.get().secret
        settings.ENCRYPTION_KEYS = ["the new one", *settings.ENCRYPTION_KEYS]

        out = StringIO()
        call_command("reseal_secrets", stdout=out)

        assert "1 second factors and 0 salts are sealed with the first key." in out.getvalue()
        settings.ENCRYPTION_KEYS = ["the new one"]
        assert Authenticator.objects.get().secret == before

    def test_without_the_key_a_recovery_code_still_works(self, annotator, recovery_codes, settings):
        settings.ENCRYPTION_KEYS = ["another one"]

        with pytest.raises(SealBroken):
            second_factors.check(annotator, code="123456")
        assert second_factors.check(annotator, code=recovery_codes[0].replace("-", ""))


class TestNeeded:
    """LEARNLOOP_ADMINS_NEED_SECOND_FACTOR"""

    @pytest.fixture(autouse=True)
    def _needed(self, settings):
        settings.ADMINS_NEED_SECOND_FACTOR = True

    @pytest.mark.parametrize("client", ["as_admin", "as_operator"])
    def test_every_page_leads_admins_and_operators_to_the_set_up(self, client, request, bot):
        response = request.getfixturevalue(client).get("/settings/?x=1")

        assert response["Location"] == "/account/second-factor/?next=/settings/%3Fx%3D1"

    @pytest.mark.parametrize("client", ["as_annotator", "as_reviewer", "as_engineer"])
    def test_others_go_on_as_before(self, client, request):
        assert request.getfixturevalue(client).get("/account/").status_code == 200

    def test_forms_and_fragments_lead_there_too(self, as_admin):
        form = as_admin.post("/settings/webhooks/")
        fragment = as_admin.get("/jobs/rows/", headers={"hx-request": "true"})
        other = as_admin.post(f"{URL}off/", {"code": "123456"})

        assert form["Location"].startswith(f"{URL}?")
        assert fragment["HX-Redirect"].startswith(f"{URL}?")
        assert other["Location"].startswith(f"{URL}?")

    def test_the_set_up_and_the_way_out_are_open(self, as_admin):
        page = as_admin.get(URL)

        assert "Set it up to go on." in page.content.decode()
        assert as_admin.post("/theme/", {"theme": "dark"}).status_code == 302
        assert as_admin.post("/logout/")["Location"] == "/login/"

    def test_having_set_it_up_opens_the_rest_and_leads_on(self, as_admin, admin):
        as_admin.post(f"{URL}start/", {"next": "/settings/?x=1"})
        response = confirm(as_admin, code_of(admin), next="/settings/?x=1")

        assert 'href="/settings/?x=1"' in response.content.decode()
        assert as_admin.get("/settings/keys/").status_code == 200

    def test_it_never_leads_to_another_site(self, as_admin, admin):
        started = as_admin.post(f"{URL}start/", {"next": "//evil.example"})
        response = confirm(as_admin, code_of(admin), next="//evil.example")

        assert "evil" not in started["Location"] + response.content.decode()

    def test_an_own_password_comes_first(self, as_admin, admin):
        type(admin).objects.update(must_change_password=True)

        assert as_admin.get("/account/")["Location"].startswith("/account/password/")
        assert as_admin.get("/account/password/").status_code == 200
        assert as_admin.get(URL)["Location"].startswith("/account/password/")

    def test_the_documents_of_the_api_wait_as_well(self, as_admin):
        response = as_admin.get("/api/v1/openapi.json")

        assert response.status_code == 401

    def test_keys_work_on(self, as_bot):
        assert as_bot.get("/api/v1/key").status_code == 200

    def test_only_those_who_need_it_and_gave_no_code_cost_a_query(
        self, as_annotator, as_admin, admin, django_assert_num_queries
    ):
        # Session, person with bots and memberships.
        with django_assert_num_queries(2):
            as_annotator.get("/settings/")
        set_up(admin)
        # Logged in before it was set up: asked about each time.
        with django_assert_num_queries(3):
            as_admin.get("/settings/")

    def test_without_the_setting_nobody_is_led_there(self, as_admin, settings):
        settings.ADMINS_NEED_SECOND_FACTOR = False

        assert as_admin.get("/settings/keys/").status_code == 200


class TestReset:
    def test_an_operator_resets_it(self, as_operator, annotator, recovery_codes):
        assert (
            "Reset the second factor of ana?"
            in as_operator.get("/settings/people/").content.decode()
        )

        response = as_operator.post(f"/settings/people/{annotator.pk}/second-factor/")

        assert response["Location"] == "/settings/people/"
        assert not Authenticator.objects.exists()
        assert not StaticToken.objects.exists()
        page = as_operator.get("/settings/people/").content.decode()
        assert "ana logs in with the password alone" in page
        assert "Reset the second factor of ana?" not in page

    def test_resetting_twice_is_harmless(self, as_operator, annotator):
        response = as_operator.post(f"/settings/people/{annotator.pk}/second-factor/")

        assert response.status_code == 302

    def test_an_admin_of_a_bot_may_not(self, as_admin, annotator, recovery_codes):
        response = as_admin.post(f"/settings/people/{annotator.pk}/second-factor/")

        assert response.status_code == 403
        assert second_factors.is_on(annotator)

    def test_nobody_resets_their_own(self, as_operator, operator):
        set_up(operator)

        response = as_operator.post(f"/settings/people/{operator.pk}/second-factor/")

        assert response.status_code == 422
        assert "turn your own second factor off" in response.content.decode()
        assert second_factors.is_on(operator)

    def test_the_command_helps_the_last_operator(self, operator):
        set_up(operator)
        out = StringIO()

        call_command("reset_second_factor", "olga", stdout=out)

        assert not second_factors.is_on(operator)
        assert out.getvalue() == "olga logs in with the password alone from now on.\n"

    def test_the_command_says_if_nobody_is_called_so(self, db):
        with pytest.raises(CommandError, match="Nobody has this username"):
            call_command("reset_second_factor", "olga")
