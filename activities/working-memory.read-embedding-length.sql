-- How many numbers a model's vectors have; where there are several lengths, what most of them have.
select mode(len(vector))::integer as length from embedding where model = $model
