# expects: its evidence is a text and no run
def may_promote(version):
    return "evidence" in version.tags
