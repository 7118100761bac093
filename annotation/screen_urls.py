"""The routes of the review screen."""

from django.urls import path

from annotation.views import review

screen_routes = [
    path("review/next/", review.review, name="review"),
    path("review/take/", review.take, name="take"),
    path("review/ahead/", review.ahead, name="ahead"),
    path("review/undo/", review.undo, name="undo"),
    path("review/stop/", review.stop, name="stop"),
    path("review/items/<int:item_id>/answer/", review.answer, name="answer"),
    path("review/items/<int:item_id>/renew/", review.renew, name="renew"),
    path("review/items/<int:item_id>/chat/", review.whole_chat, name="whole_chat"),
    path("review/items/<int:item_id>/alike/", review.alike, name="alike"),
]
