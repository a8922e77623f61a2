"""Necks: what stands between a backbone and a head."""

from .off_subnetwork import OFFSubnetwork

__all__ = ['OFFSubnetwork']
