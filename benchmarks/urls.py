"""The product's URL map, and the same list written the textbook way."""

from django.urls import path

from benchmarks.peer import PeerList
from spaces_project.urls import *  # noqa: F403
from spaces_project.urls import urlpatterns as product

urlpatterns = [path("peer/space/list", PeerList.as_view({"get": "list"})), *product]
