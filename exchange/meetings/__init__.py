"""What people decide together about situations: case meetings, dated tasks, project records, the weekly sheet.

Owns the agenda of a case meeting, the tasks that come out of it and the records of gaps that repeat. Never moves a
situation, a placement or a loan: it reads them, and their own slices act.
"""
