"""contact/…"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from chats.permissions import visible_chats, visible_ratings
from spaces.permissions import require, visible_contacts, visible_spaces
from spaces_project.api.chatbotkit.base import Operations, only_id
from spaces_project.api.chatbotkit.lists import Listing, exported, listed
from spaces_project.api.chatbotkit.lookup import contacts_named, find_contact
from spaces_project.api.chatbotkit.records import ContactExport, ContactRecord, SpaceRecord, one
from spaces_project.api.chatbotkit.records_chats import ConversationRecord, RatingRecord
from spaces_project.api.chatbotkit.serializers import ContactFields, Nothing
from spaces_project.api.chatbotkit.writes import create_contact, ensure_contact, for_change
from spaces_project.api.operations import Response


class ContactOperations(Operations):
    def create(self, request: HttpRequest) -> Response:
        require(self.actor, "contact.create")
        return only_id(create_contact(self.actor, self.body(ContactFields)))

    def ensure(self, request: HttpRequest) -> Response:
        require(self.actor, "contact.create")
        return only_id(ensure_contact(self.actor, self.body(ContactFields)))

    def fetch(self, request: HttpRequest, contact_id: str) -> HttpResponse:
        require(self.actor, "contact.list")
        return one(ContactRecord(self.account.pk), contacts_named(self.actor, contact_id), "Contact not found")

    def update(self, request: HttpRequest, contact_id: str) -> Response:
        contact = find_contact(self.actor, contact_id)
        require(self.actor, "contact.update", contact)
        contact.change(self.actor, **for_change(self.body(ContactFields)))
        return only_id(contact)

    def delete(self, request: HttpRequest, contact_id: str) -> Response:
        contact = find_contact(self.actor, contact_id)
        require(self.actor, "contact.delete", contact)
        self.body(Nothing)
        contact.remove(self.actor)
        return only_id(contact)

    def list(self, request: HttpRequest) -> HttpResponseBase:
        require(self.actor, "contact.list")
        return listed(Listing.of(self, visible_contacts(self.actor), ContactRecord))

    def export(self, request: HttpRequest) -> HttpResponseBase:
        require(self.actor, "contact.list")
        return exported(Listing.of(self, visible_contacts(self.actor), ContactExport), "contacts")

    def list_spaces(self, request: HttpRequest, contact_id: str) -> HttpResponseBase:
        contact = find_contact(self.actor, contact_id)
        require(self.actor, "space.list")
        spaces = visible_spaces(self.actor).listed().for_contact(contact)
        return listed(Listing.of(self, spaces, SpaceRecord))

    def list_conversations(self, request: HttpRequest, contact_id: str) -> HttpResponseBase:
        contact = find_contact(self.actor, contact_id)
        require(self.actor, "chat.list")
        chats = visible_chats(self.actor).for_contact(contact)
        return listed(Listing.of(self, chats, ConversationRecord))

    def list_ratings(self, request: HttpRequest, contact_id: str) -> HttpResponseBase:
        contact = find_contact(self.actor, contact_id)
        require(self.actor, "chat.list")
        return listed(Listing.of(self, visible_ratings(self.actor).for_contact(contact), RatingRecord))
