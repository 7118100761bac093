from django.urls import path

from accounts.views import (
    account,
    bot,
    bots,
    entrance,
    keys,
    login_code,
    members,
    people,
    second_factor,
    tabs,
    webhooks,
)

app_name = "accounts"
urlpatterns = [
    path("login/", entrance.login, name="login"),
    path("login/code/", login_code.login_code, name="login_code"),
    path("logout/", entrance.logout, name="logout"),
    path("theme/", entrance.theme, name="theme"),
    path("bot/", entrance.switch_bot, name="switch_bot"),
    path("account/", account.account, name="account"),
    path("account/password/", account.password, name="password"),
    path("account/second-factor/", second_factor.page, name="second_factor"),
    path("account/second-factor/start/", second_factor.start, name="start_second_factor"),
    path("account/second-factor/confirm/", second_factor.confirm, name="confirm_second_factor"),
    path("account/second-factor/codes/", second_factor.new_codes, name="new_recovery_codes"),
    path("account/second-factor/off/", second_factor.turn_off, name="turn_off_second_factor"),
    path("settings/", tabs.settings, name="settings"),
    path("settings/bot/", bot.bot_settings, name="bot_settings"),
    path("settings/members/", members.member_list, name="members"),
    path("settings/members/add/", members.add, name="add_member"),
    path("settings/members/<int:member_id>/role/", members.change_role, name="change_role"),
    path("settings/members/<int:member_id>/remove/", members.remove, name="remove_member"),
    path("settings/keys/", keys.key_list, name="keys"),
    path("settings/keys/<int:key_id>/rotate/", keys.rotate, name="rotate_key"),
    path("settings/keys/<int:key_id>/revoke/", keys.revoke, name="revoke_key"),
    path("settings/webhooks/", webhooks.secret_list, name="webhooks"),
    path("settings/webhooks/<int:secret_id>/revoke/", webhooks.revoke, name="revoke_secret"),
    path("settings/bots/", bots.bot_list, name="bots"),
    path("settings/people/", people.person_list, name="people"),
    path("settings/people/<int:person_id>/deactivate/", people.deactivate, name="deactivate"),
    path(
        "settings/people/<int:person_id>/auditor/", people.appoint_auditor, name="appoint_auditor"
    ),
    path(
        "settings/people/<int:person_id>/no-auditor/",
        people.dismiss_auditor,
        name="dismiss_auditor",
    ),
    path("settings/people/<int:person_id>/reactivate/", people.reactivate, name="reactivate"),
    path("settings/people/<int:person_id>/password/", people.reset_password, name="reset_password"),
    path(
        "settings/people/<int:person_id>/second-factor/",
        people.reset_second_factor,
        name="reset_second_factor",
    ),
]
