"""The privacy ledger of each data set on disk: charges, caps, damage, repair, near copies."""
