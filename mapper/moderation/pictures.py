"""A moderator holds a picture of an open photo service to be of a device: a link, as evidence."""

from django.db import transaction
from django.utils.translation import gettext as _

from geo.errors import OpenPhotoError
from geo.open_photos import open_photo_of_address
from mapper.accounts.models import User
from mapper.errors import BadInput, Conflict
from mapper.geo_words import in_words
from mapper.moderation.models import Act, Decision, Target
from mapper.moderation.recording import new_decision, record, require_moderator
from mapper.photos.models import LinkedPicture
from mapper.sightings import actions as device_actions
from mapper.sightings.models import Claim, Device
from mapper.sightings.vocabulary import DeviceState, Source


@transaction.atomic
def link_picture(*, device: Device, actor: User, address: str) -> Decision:
    """Link a picture to a device by the address of its page; nothing asks that address.

    It verifies nothing and dates nothing: what it shows, and when, only its own page tells.
    """
    require_moderator(actor)
    try:
        found = open_photo_of_address(address)
    except OpenPhotoError as error:
        raise BadInput(in_words(error), code="no-open-photo") from None
    device = Device.objects.select_for_update(of=("self",)).get(id=device.id)
    if device.state != DeviceState.PRESENT:
        raise Conflict(
            _("The device %(id)s is no longer there (%(state)s); reload the page.")
            % {"id": device.id, "state": device.get_state_display()}
        )
    if device.is_private_home:
        raise Conflict(_("A picture of a private home is not linked."))
    linked = LinkedPicture.objects.filter(claim__device=device)
    if linked.filter(service=found.service, picture=found.id).exists():
        raise Conflict(_("This picture is linked to this device already."))
    decision = new_decision()
    claim = Claim.objects.create(source=Source.DESK)
    LinkedPicture.objects.create(claim=claim, service=found.service, picture=found.id)
    device_actions.attach_claim(claim=claim, device=device, decision=decision)
    return record(
        id=decision,
        actor=actor,
        act=Act.LINK_PICTURE,
        target_kind=Target.DEVICE,
        target=device.id,
        device=device.id,
    )
