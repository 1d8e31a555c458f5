"""The WSGI entry point that granian serves."""

import os

from django.core.wsgi import get_wsgi_application

from mapper.checks import refuse_unsafe_production
from mapper.operations.processes import end_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mapper.settings")
end_with_parent()
application = get_wsgi_application()
refuse_unsafe_production()
