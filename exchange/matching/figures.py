"""The figures of the format: working time, weights and prices that hold where a file gives no other."""

# Code du travail L3121-18 (10 h a day), L3121-20 (48 h a week), L3131-1 (11 h of rest); the 12 h night rests on the
# person's derogation. Employers' dated rule sets may be stricter: those are applied before a problem is written.
LONGEST_SHIFT_MINUTES = 600
LONGEST_DEROGATED_NIGHT_MINUTES = 720
NIGHT_STARTS_AT_MINUTE = 19 * 60
REST_MINUTES = 660
WEEK_WORK_MINUTES = 2_880

DAY_MINUTES = 1_440
WEEK_MINUTES = 10_080

# Weights of unmet need, in hours of the lowest urgency.
URGENCY_WEIGHT = {1: 1, 2: 2, 3: 4, 4: 8}
CRITICAL_URGENCY = 3
SEGMENT_HOURS = 4
UNSOLVED_SITUATION_HOURS = 16

# Prices of the burden, in minutes of travel.
CONTINUITY_PRICE = 30
PERSON_PER_NEED_PRICE = 3 * CONTINUITY_PRICE
PLACE_PER_PERSON_PRICE = 5 * CONTINUITY_PRICE
HANDOVER_PRICE = CONTINUITY_PRICE
TRAVEL_PRICE_PER_ONE_WAY_MINUTE = 2
CHURN_PRICE_PER_LINE = 300

# A lender's hour costs more the more it has already lent: flat below -60 hours, flat again above +140.
FAIRNESS_LEDGER_OFFSET_HOURS = 60
FAIRNESS_MOST = 200
FAIRNESS_MINUTES_PER_POINT = 600
