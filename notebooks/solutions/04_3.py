missed = ["pandera"]  # late_quick.py imports late_checks only with check=True, and late_checks imports pandera
