"""Who works here: moderators, editors, operators."""
