"""Where people's agreement stands, and what is known of turns."""

from django.urls import path

from annotation.views import agreement, known, settings

agreement_routes = [
    path("review/agreement/", agreement.agreement, name="agreement"),
    path("review/people/", agreement.people, name="people"),
    path("review/people/<int:person_id>/", agreement.person, name="person"),
    path("review/people/<int:person_id>/lift/", agreement.lift, name="lift_pause"),
    path("review/mine/", agreement.mine, name="mine"),
    path("review/known/", known.known, name="known"),
    path("review/known/<uuid:turn_id>/", known.say_known, name="say_known"),
    path("settings/review/second-opinions/", settings.second_opinions, name="second_opinions"),
    path(
        "settings/review/second-opinions/<int:intent_id>/forget/",
        settings.forget_second_opinion,
        name="forget_second_opinion",
    ),
]
