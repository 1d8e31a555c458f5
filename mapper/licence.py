"""Under which licence the data goes out, and whom to name."""

LICENSE = "ODbL-1.0"
LICENSE_URL = "https://opendatacommons.org/licenses/odbl/1-0/"
ATTRIBUTION = "© Contrechamp contributors, © OpenStreetMap contributors"
LINK_HEADER = f'<{LICENSE_URL}>; rel="license"'
