# expects: in a route, raise HTTPException(422) to refuse
from typing import Annotated

from pydantic import Field

many = APIRouter()


@many.post("/predict-many")
def predict_many(flights: Annotated[list[dict], Field(min_length=1, max_length=1000)], response: Response):
    response.headers["X-Model-Version"] = str(served.version)
    rows = pd.DataFrame([{**dict.fromkeys(FEATURES), **flight} for flight in flights])[FEATURES].astype(types)
    return {"late": model.predict_proba(rows)[:, 1].tolist()}
