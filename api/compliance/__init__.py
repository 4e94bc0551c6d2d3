"""Routes of compliance: screening, names, beneficiaries, purposes, travel-rule records."""
