"""The plans and packs a new installation starts with; from then on they are the operator's."""

GB = 1024**3
HD, FULL_HD, UHD = 1280 * 720, 1920 * 1080, 3840 * 2160

PLANS = [
    {
        "slug": "free",
        "name": "Free",
        "position": 10,
        "credits_a_month": 100,
        "concurrency": 1,
        "longest_seconds": 5,
        "largest_pixels": HD,
        "storage_bytes": 5 * GB,
        "seats": 1,
        "watermark": True,
        "api_access": False,
    },
    {
        "slug": "standard",
        "name": "Standard",
        "position": 20,
        "monthly_cents": 1500,
        "yearly_cents": 14400,
        "credits_a_month": 625,
        "rollover_months": 1,
        "concurrency": 2,
        "longest_seconds": 10,
        "largest_pixels": FULL_HD,
        "storage_bytes": 100 * GB,
        "seats": 3,
        "weight": 2,
        "priority": 1,
    },
    {
        "slug": "pro",
        "name": "Pro",
        "position": 30,
        "monthly_cents": 3500,
        "yearly_cents": 33600,
        "credits_a_month": 2250,
        "rollover_months": 2,
        "concurrency": 4,
        "longest_seconds": 60,
        "largest_pixels": UHD,
        "storage_bytes": 500 * GB,
        "seats": 10,
        "weight": 4,
        "priority": 2,
    },
    {
        "slug": "unlimited",
        "name": "Unlimited",
        "position": 40,
        "monthly_cents": 9500,
        "yearly_cents": 91200,
        "credits_a_month": 2250,
        "rollover_months": 2,
        "unmetered_slow_lane": True,
        "concurrency": 6,
        "longest_seconds": 60,
        "largest_pixels": UHD,
        "storage_bytes": 1024 * GB,
        "seats": 25,
        "weight": 4,
        "priority": 2,
    },
    # Whoever runs a studio for themselves is limited by their machine alone.
    {
        "slug": "house",
        "name": "House",
        "position": 50,
        "is_public": False,
        "credits_a_month": 5000,
        "rollover_months": 0,
    },
]

PACKS = [
    {"slug": "small", "name": "250 credits", "position": 10, "credits": 250, "cents": 500},
    {"slug": "medium", "name": "1,000 credits", "position": 20, "credits": 1000, "cents": 1800},
    {"slug": "large", "name": "5,000 credits", "position": 30, "credits": 5000, "cents": 8000},
]
