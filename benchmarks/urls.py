"""The product's URL map, and the same lists written the textbook way."""

from django.urls import path

from benchmarks.peer import PeerList
from spaces_project.urls import *  # noqa: F403
from spaces_project.urls import urlpatterns as product

urlpatterns = [
    path("peer/space/list", PeerList.as_view({"get": "list"})),
    path("peer/conversation/<str:conversation_id>/message/list", PeerList.as_view({"get": "messages"})),
    *product,
]
