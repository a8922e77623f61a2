"""Necks: what stands between a backbone and a head."""

from mmmotion.models.necks.off_subnetwork import OFFSubnetwork

__all__ = ['OFFSubnetwork']
