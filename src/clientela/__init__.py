"""Clientela: customer relations for small and large companies."""
