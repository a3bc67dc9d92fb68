"""Addresses below /mine/: the page that letters link to, and what its forms send."""

from django.urls import path

from amends.web.portal import views

app_name = "portal"

urlpatterns = [
    path("<str:token>", views.page, name="page"),
    path("<str:token>/yes", views.yes, name="yes"),
    path("<str:token>/words", views.words, name="words"),
    path("<str:token>/files/<int:attachment_id>", views.file, name="file"),
    path("<str:token>/complaint", views.complaint, name="complaint"),
]
