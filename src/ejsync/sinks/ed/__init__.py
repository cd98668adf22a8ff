"""The electronic diary service by the reference contract `contracts/ed/v1/openapi.json`."""
