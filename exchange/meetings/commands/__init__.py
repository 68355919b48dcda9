"""One write function per intention on meetings, tasks, project records, referral files and weekly sheets."""
