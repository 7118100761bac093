"""How a moment looks where nothing else says so: under /admin/, to the second and in UTC."""

DATETIME_FORMAT = "j M Y, H:i:s"
