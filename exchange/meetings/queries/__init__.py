"""Reading meetings, tasks, project records, referral files and weekly sheets, each as its actor may."""
