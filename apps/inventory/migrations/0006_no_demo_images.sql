-- Demo products named pictures that nobody serves.
UPDATE products SET image_url = '' WHERE image_url = '/images/' || sku || '.svg';
