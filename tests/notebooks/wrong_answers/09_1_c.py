# expects: so a client would get 500
from typing import Annotated

from pydantic import Field

many = APIRouter()


@many.post("/predict-many")
def predict_many(flights: list[Flight], response: Response):
    response.headers["X-Model-Version"] = str(served.version)
    rows = pd.DataFrame([flight.model_dump() for flight in flights])[FEATURES].astype(types)
    return {"late": model.predict_proba(rows)[:, 1].tolist()}
