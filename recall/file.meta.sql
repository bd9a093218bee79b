from meta
