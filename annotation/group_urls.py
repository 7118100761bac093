"""The routes of groups of alike turns."""

from django.urls import path

from annotation.views import groups

group_routes = [
    path("review/clusters/", groups.listed, name="groups"),
    path("review/clusters/again/", groups.again, name="group_again"),
    path("review/clusters/undo/", groups.undo, name="undo_group"),
    path("review/clusters/<int:group_id>/", groups.group, name="group"),
    path("review/clusters/<int:group_id>/more/", groups.more, name="more_of_group"),
    path("review/clusters/<int:group_id>/answer/", groups.answer, name="answer_group"),
    path("review/clusters/<int:group_id>/next/", groups.following, name="group_after"),
]
