# expects: False is right: its evidence is empty
def may_promote(version):
    return "evidence" in version.tags
